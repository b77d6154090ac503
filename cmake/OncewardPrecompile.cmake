# Precompiled headers, for builds from scratch: every target of ours gets one of two sets. Presets for daily work leave
# them away, so that each source and header goes on to include what it uses.
set(headers
    <algorithm> <array> <atomic> <chrono> <cstdint> <functional> <map> <memory> <mutex> <optional> <set> <sstream>
    <stdexcept> <string> <string_view> <thread> <utility> <variant> <vector> <fmt/format.h>)
set(for_ccache $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)  # without it ccache compiles every time
set(empty ${PROJECT_BINARY_DIR}/precompiled.cpp)
file(CONFIGURE OUTPUT ${empty} CONTENT "")
foreach(set IN ITEMS product tests)
    add_library(onceward_precompiled_${set} OBJECT ${empty})
    target_link_libraries(onceward_precompiled_${set} PRIVATE onceward_settings fmt::fmt)
    target_precompile_headers(onceward_precompiled_${set} PRIVATE ${headers})
endforeach()
target_link_libraries(onceward_precompiled_tests PRIVATE GTest::gmock)
target_precompile_headers(onceward_precompiled_tests PRIVATE <filesystem> <fstream> <gmock/gmock.h> <gtest/gtest.h>)

# The targets of a directory and those below. Not the ones without fmt, whose macros have to be the same.
function(onceward_precompile directory set)
    get_property(targets DIRECTORY ${directory} PROPERTY BUILDSYSTEM_TARGETS)
    list(FILTER targets EXCLUDE REGEX "^onceward_(precompiled_.*|faults|sql|c11_threads)$")
    foreach(target IN LISTS targets)
        set(own ${set})
        get_target_property(type ${target} TYPE)
        if(type MATCHES "^(STATIC_LIBRARY|EXECUTABLE)$")
            if(target MATCHES "^(onceward_sim_world|onceward-sim|ledger_consumer)$")
                set(own product)  # below tests, but without GoogleTest, whose macros have to be the same, too
            endif()
            target_precompile_headers(${target} REUSE_FROM onceward_precompiled_${own})
            target_compile_options(${target} PRIVATE ${for_ccache})
        endif()
    endforeach()
    get_property(below DIRECTORY ${directory} PROPERTY SUBDIRECTORIES)
    foreach(one IN LISTS below)
        onceward_precompile(${one} ${set})
    endforeach()
endfunction()
foreach(directory IN ITEMS sdk outbox-relay inbox cli bench examples)
    if(IS_DIRECTORY ${PROJECT_SOURCE_DIR}/${directory})
        onceward_precompile(${PROJECT_SOURCE_DIR}/${directory} product)
    endif()
endforeach()
onceward_precompile(${PROJECT_SOURCE_DIR}/tests tests)
