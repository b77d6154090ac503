# Warnings bind our own targets only; nothing here leaks to a consumer.
add_library(onceward_warnings INTERFACE)
target_compile_options(onceward_warnings INTERFACE
    -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wold-style-cast -Wnon-virtual-dtor
    $<$<BOOL:${ONCEWARD_WERROR}>:-Werror>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    # GCC 12 takes std::string's own copies for overlapping ones (GCC bug 105651).
    target_compile_options(onceward_warnings INTERFACE -Wno-restrict)
endif()

# Settings of every target of ours: the language, the warnings, the sanitizers, the fault points.
add_library(onceward_settings INTERFACE)
target_compile_features(onceward_settings INTERFACE cxx_std_20)
target_link_libraries(onceward_settings INTERFACE onceward_warnings)
target_compile_definitions(onceward_settings INTERFACE
    $<$<BOOL:${ONCEWARD_FAULTS}>:ONCEWARD_FAULTS=1>)
if(ONCEWARD_SANITIZE)
    target_compile_options(onceward_settings INTERFACE
        -fsanitize=${ONCEWARD_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    # GCC takes the sanitizers' own instrumentation for uses of what is not set: std::regex alone
    # gives dozens. The other presets keep the warning.
    target_compile_options(onceward_settings INTERFACE -Wno-maybe-uninitialized)
    target_link_options(onceward_settings INTERFACE -fsanitize=${ONCEWARD_SANITIZE})
    if(ONCEWARD_SANITIZE MATCHES "thread")
        # librdkafka's threads, for ThreadSanitizer to see. Nothing names it: it has to be there, before libc.
        add_library(onceward_c11_threads SHARED ${PROJECT_SOURCE_DIR}/tests/support/tsan/c11_threads.cpp)
        target_compile_features(onceward_c11_threads PRIVATE cxx_std_20)
        target_compile_options(onceward_c11_threads PRIVATE -fsanitize=thread)
        target_link_options(onceward_c11_threads PRIVATE -fsanitize=thread INTERFACE -Wl,--no-as-needed)
        target_link_libraries(onceward_settings INTERFACE onceward_c11_threads)
    endif()
endif()

# onceward_library(name SOURCES ... [PUBLIC_INCLUDE dir] [PRIVATE_INCLUDE dir] [LINK ...] [LINK_PRIVATE ...]
#                  [INSTALL set])
# defines the static library onceward_<name> and its alias onceward::<name>. INSTALL names the set of the installed
# package that it belongs to: sdk, inbox, relay, idempotency, or common for what the latter three share.
function(onceward_library name)
    cmake_parse_arguments(ARG "" "PUBLIC_INCLUDE;PRIVATE_INCLUDE;INSTALL" "SOURCES;LINK;LINK_PRIVATE" ${ARGN})
    add_library(onceward_${name} STATIC ${ARG_SOURCES})
    add_library(onceward::${name} ALIAS onceward_${name})
    target_compile_features(onceward_${name} PUBLIC cxx_std_20)
    if(ARG_PUBLIC_INCLUDE)
        target_include_directories(onceward_${name} PUBLIC
            $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/${ARG_PUBLIC_INCLUDE}>
            $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
    endif()
    if(ARG_PRIVATE_INCLUDE)
        target_include_directories(onceward_${name} PUBLIC
            $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/${ARG_PRIVATE_INCLUDE}>)
    endif()
    target_link_libraries(onceward_${name}
        PUBLIC ${ARG_LINK}
        PRIVATE ${ARG_LINK_PRIVATE} $<BUILD_INTERFACE:onceward_settings>)
    if(ARG_INSTALL AND ONCEWARD_INSTALL)
        set_target_properties(onceward_${name} PROPERTIES EXPORT_NAME ${name})
        install(TARGETS onceward_${name} EXPORT onceward-${ARG_INSTALL})
        if(ARG_PUBLIC_INCLUDE)
            install(DIRECTORY ${ARG_PUBLIC_INCLUDE}/onceward DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
                FILES_MATCHING PATTERN "*.hpp")
        endif()
    endif()
endfunction()
