# What `cmake --install` puts where. The libraries install themselves (onceward_library(... INSTALL ...)); here are
# the rest and the two ways to find them. Everything is relative to the prefix, which may be moved.
include(CMakePackageConfigHelpers)

set(ONCEWARD_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/onceward)
set(ONCEWARD_SYSTEMD_UNIT_DIR lib/systemd/system CACHE STRING "Where the systemd unit is installed, below the prefix")

set(ONCEWARD_LIBRARIES ${ONCEWARD_COMPONENTS})
list(REMOVE_ITEM ONCEWARD_LIBRARIES program)

# find_package(onceward)
get_target_property(ONCEWARD_PQXX_VERSION onceward_dep::pqxx ONCEWARD_VERSION)
string(REGEX MATCH "^[0-9]+" ONCEWARD_PQXX_MAJOR "${ONCEWARD_PQXX_VERSION}")
configure_package_config_file(
    ${CMAKE_CURRENT_LIST_DIR}/onceward-config.cmake.in ${PROJECT_BINARY_DIR}/onceward-config.cmake
    INSTALL_DESTINATION ${ONCEWARD_CMAKE_DIR})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/onceward-config-version.cmake
    COMPATIBILITY SameMinorVersion)
install(FILES
    ${PROJECT_BINARY_DIR}/onceward-config.cmake
    ${PROJECT_BINARY_DIR}/onceward-config-version.cmake
    ${CMAKE_CURRENT_LIST_DIR}/OncewardPublicDependencies.cmake
    DESTINATION ${ONCEWARD_CMAKE_DIR})
set(export_sets ${ONCEWARD_LIBRARIES})
if(NOT ONCEWARD_LIBRARIES STREQUAL "sdk")
    list(APPEND export_sets common)
endif()
foreach(set IN LISTS export_sets)
    install(EXPORT onceward-${set} FILE onceward-${set}-targets.cmake NAMESPACE onceward::
        DESTINATION ${ONCEWARD_CMAKE_DIR})
endforeach()

# pkg-config. cmake_path replaces the prefix where a distribution makes one of the directories absolute.
set(ONCEWARD_PC_LIBDIR "\${prefix}")
cmake_path(APPEND ONCEWARD_PC_LIBDIR "${CMAKE_INSTALL_LIBDIR}")
set(ONCEWARD_PC_INCLUDEDIR "\${prefix}")
cmake_path(APPEND ONCEWARD_PC_INCLUDEDIR "${CMAKE_INSTALL_INCLUDEDIR}")
if(IS_ABSOLUTE "${CMAKE_INSTALL_LIBDIR}")
    set(ONCEWARD_PC_PREFIX "${CMAKE_INSTALL_PREFIX}")
else()
    file(RELATIVE_PATH up "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
    string(REGEX REPLACE "/$" "" up "${up}")
    set(ONCEWARD_PC_PREFIX "\${pcfiledir}/${up}")
endif()

# onceward_pkg_config(<name> DESCRIPTION ... REQUIRES ... LIBRARIES ...), the libraries in linking order.
function(onceward_pkg_config name)
    cmake_parse_arguments(ARG "" "DESCRIPTION;REQUIRES" "LIBRARIES" ${ARGN})
    if(NOT name IN_LIST ONCEWARD_LIBRARIES)
        return()
    endif()
    set(ONCEWARD_PC_NAME ${name})
    set(ONCEWARD_PC_DESCRIPTION "${ARG_DESCRIPTION}")
    set(ONCEWARD_PC_REQUIRES "${ARG_REQUIRES}")
    list(TRANSFORM ARG_LIBRARIES PREPEND "-lonceward_")
    list(JOIN ARG_LIBRARIES " " ONCEWARD_PC_LIBS)
    configure_file(${PROJECT_SOURCE_DIR}/cmake/onceward.pc.in ${PROJECT_BINARY_DIR}/onceward-${name}.pc @ONLY)
    install(FILES ${PROJECT_BINARY_DIR}/onceward-${name}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endfunction()

math(EXPR pqxx_next "${ONCEWARD_PQXX_MAJOR} + 1")
onceward_pkg_config(sdk DESCRIPTION "Adds events to a transactional outbox"
    REQUIRES "libpqxx >= ${ONCEWARD_PQXX_MAJOR}, libpqxx < ${pqxx_next}, fmt"
    LIBRARIES sdk)
onceward_pkg_config(idempotency DESCRIPTION "Answers repeated HTTP requests with the stored response"
    REQUIRES "onceward-sdk = ${PROJECT_VERSION}, cpp-httplib"
    LIBRARIES idempotency faults)
onceward_pkg_config(inbox DESCRIPTION "Applies messages from Kafka exactly once"
    REQUIRES "onceward-sdk = ${PROJECT_VERSION}, libpq, rdkafka"
    LIBRARIES inbox inbox_core kafka pg sql faults)
onceward_pkg_config(relay DESCRIPTION "Publishes a transactional outbox to Kafka"
    REQUIRES "onceward-sdk = ${PROJECT_VERSION}, libpq, rdkafka"
    LIBRARIES relay relay_core kafka pg sql faults)

install(DIRECTORY sql/migrations sql/queries DESTINATION ${CMAKE_INSTALL_DATADIR}/onceward/sql
    FILES_MATCHING PATTERN "*.sql")
install(FILES sql/README.md DESTINATION ${CMAKE_INSTALL_DATADIR}/onceward/sql)
install(FILES LICENSE docs/install.md docs/configuration.md docs/operations.md DESTINATION ${CMAKE_INSTALL_DOCDIR})

# The unit names the program where it is installed; which prefix that is may be said as late as at the installation.
if("program" IN_LIST ONCEWARD_COMPONENTS)
    install(CODE "
        set(program \"\${CMAKE_INSTALL_PREFIX}\")
        cmake_path(APPEND program \"${CMAKE_INSTALL_BINDIR}\" onceward)
        file(READ \"${PROJECT_SOURCE_DIR}/deploy/systemd/onceward-relay@.service\" unit)
        string(REPLACE /usr/bin/onceward \"\${program}\" unit \"\${unit}\")
        file(WRITE \"${PROJECT_BINARY_DIR}/onceward-relay@.service\" \"\${unit}\")
    ")
    install(FILES ${PROJECT_BINARY_DIR}/onceward-relay@.service DESTINATION ${ONCEWARD_SYSTEMD_UNIT_DIR})
endif()
