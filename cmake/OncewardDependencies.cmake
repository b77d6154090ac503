# What the libraries need, each component only its own.
include(OncewardPublicDependencies)
foreach(component IN LISTS ONCEWARD_COMPONENTS)
    onceward_dependencies_of(${component} missing)
    if(missing)
        message(FATAL_ERROR "onceward: ${component} needs ${missing}, of which there is neither a CMake package nor a "
            ".pc file. On Debian scripts/setup installs all. ONCEWARD_COMPONENTS=sdk builds what needs no Kafka.")
    endif()
endforeach()
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)  # inside only: headers and archives of ours do not ask for it

if("program" IN_LIST ONCEWARD_COMPONENTS)
    find_package(CLI11 REQUIRED)
    find_package(spdlog REQUIRED)
    # cpp-httplib's macros (OpenSSL, zlib, brotli) come from the .pc file and must not be left out. The CMake package
    # of prometheus-cpp asks for a web server that is not used here.
    find_package(PkgConfig REQUIRED)
    pkg_check_modules(HTTPLIB REQUIRED IMPORTED_TARGET cpp-httplib)
    pkg_check_modules(PROMETHEUS REQUIRED IMPORTED_TARGET prometheus-cpp-core)
    find_package(yaml-cpp REQUIRED)
    # docs/adr/0007. A sanitizer brings an allocator of its own.
    if(NOT ONCEWARD_SANITIZE)
        pkg_check_modules(JEMALLOC REQUIRED IMPORTED_TARGET jemalloc)
    endif()
endif()
if(ONCEWARD_DEV)
    find_package(PkgConfig REQUIRED)
    pkg_check_modules(HTTPLIB REQUIRED IMPORTED_TARGET cpp-httplib)
    find_package(GTest REQUIRED)
endif()
