# The installed package and its users. Not in sanitized builds: their archives are not what is installed, and every
# user would have to be sanitized too.
if(NOT ONCEWARD_SANITIZE)
    find_program(ONCEWARD_PYTHON NAMES python3 PATHS /usr/bin NO_DEFAULT_PATH REQUIRED)
    add_test(NAME consumer COMMAND ${ONCEWARD_PYTHON} ${CMAKE_CURRENT_LIST_DIR}/consumer_test.py)
    set_tests_properties(consumer PROPERTIES
        LABELS integration TIMEOUT 600 COST 60
        ENVIRONMENT "ONCEWARD_BUILD=${CMAKE_BINARY_DIR};CXX=${CMAKE_CXX_COMPILER};CMAKE_CXX_COMPILER_LAUNCHER=${CMAKE_CXX_COMPILER_LAUNCHER}")
endif()
