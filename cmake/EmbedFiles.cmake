# embed_files(OUTPUT file...) writes a C++ source that defines onceward::sql::files() over the given
# files, at configure time; a change of one of them configures again.
function(embed_files output)
    set(paths ${ARGN})
    list(SORT paths)
    set(body "")
    foreach(path IN LISTS paths)
        set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${path})
        file(READ ${CMAKE_CURRENT_SOURCE_DIR}/${path} text)
        string(APPEND body "    file{\"${path}\", R\"__sql__(${text})__sql__\"},\n")
    endforeach()
    set(source "#include \"sql/embedded.hpp\"

#include <array>
#include <stdexcept>
#include <string>

namespace onceward::sql {

namespace {
constexpr std::array all{
${body}};
}  // namespace

std::span<const file> files() { return all; }

std::string_view text(std::string_view path) {
    for (const auto& f : all) {
        if (f.path == path) return f.text;
    }
    throw std::out_of_range(\"no embedded SQL file \" + std::string(path));
}

}  // namespace onceward::sql
")
    file(CONFIGURE OUTPUT ${output} CONTENT "${source}" @ONLY)
endfunction()
