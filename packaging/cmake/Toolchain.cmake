# SPDX-License-Identifier: GPL-3.0-or-later
# Compiler, linker, cache and precompiled headers. Everything is compiled with -fPIC (also the executables), so that one
# precompiled header serves libraries, program and tests alike.

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
set(CMAKE_POSITION_INDEPENDENT_CODE OFF)
add_compile_options(-fPIC -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 reports these for correct uses of std::string and std::vector once it has inlined them (GCC bugs 105329, 107852).
  add_compile_options(-Wno-restrict -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread -Wno-maybe-uninitialized -Wno-dangling-pointer)
endif()
option(PILOTHOUSE_WERROR "Warnings are errors" OFF)
if(PILOTHOUSE_WERROR)
  add_compile_options(-Werror)
endif()
add_compile_definitions(QT_NO_KEYWORDS QT_NO_FOREACH QT_NO_CAST_FROM_ASCII QT_NO_URL_CAST_FROM_STRING
                        QT_DISABLE_DEPRECATED_BEFORE=0x060400)

if(PILOTHOUSE_SANITIZE)
  add_compile_options(-fsanitize=${PILOTHOUSE_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${PILOTHOUSE_SANITIZE})
endif()

if(PILOTHOUSE_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "PILOTHOUSE_FUZZ needs clang; use the preset \"fuzz\"")
  endif()
  add_compile_options(-fsanitize=fuzzer-no-link,address,undefined -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=address,undefined)
endif()

find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # The sloppiness lets objects made with a precompiled header be cached; the base folder lets two checkouts share them.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      CCACHE_NOHASHDIR=1 CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} ${CCACHE})
endif()
find_program(MOLD mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
endif()

# Two precompiled headers: for code on Qt Core, and for code with widgets.
function(pilothouse_make_pch name)
  cmake_parse_arguments(ARG "" "" "LINKS;HEADERS" ${ARGN})
  file(WRITE ${CMAKE_BINARY_DIR}/${name}.cpp "// Carries the precompiled header ${name}.\n")
  add_library(${name} OBJECT ${CMAKE_BINARY_DIR}/${name}.cpp)
  set_target_properties(${name} PROPERTIES AUTOMOC OFF)
  target_link_libraries(${name} PRIVATE ${ARG_LINKS})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(${name} PRIVATE -fpch-preprocess)
  endif()
  target_precompile_headers(${name} PRIVATE ${ARG_HEADERS})
endfunction()
set(PILOTHOUSE_STD_HEADERS <algorithm> <array> <atomic> <chrono> <cmath> <cstdint> <functional> <map> <memory> <mutex> <optional>
    <span> <string> <string_view> <unordered_map> <utility> <variant> <vector>)
pilothouse_make_pch(pilothouse_pch_core LINKS Qt6::Core tl::expected
  HEADERS ${PILOTHOUSE_STD_HEADERS} <tl/expected.hpp> <QtCore/QtCore>)
pilothouse_make_pch(pilothouse_pch_gui LINKS Qt6::Core Qt6::Gui Qt6::Widgets tl::expected
  HEADERS ${PILOTHOUSE_STD_HEADERS} <tl/expected.hpp> <QtCore/QtCore> <QtGui/QtGui> <QtWidgets/QtWidgets>)
