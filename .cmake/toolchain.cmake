# How compiler and linker are called, the same for every target: optimisation, sanitizers, hardening, and the tools that
# make a build quick where they are installed.

# Flags given by hand are left alone. Otherwise what is built is what is shipped.
if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CXX_FLAGS)
  set(CMAKE_BUILD_TYPE RelWithDebInfo)
endif()
# Assertions are for our own bugs and stay on, so NDEBUG is never defined. -g1 is enough for backtraces and profiles and
# builds a third faster than -g; who wants to look at variables takes a debug build.
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g1")
set(CMAKE_CXX_FLAGS_RELEASE "-O2")
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g")

find_program(HUBBUB_CCACHE ccache)
if(HUBBUB_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # ccache keeps results of compilations with a precompiled header only when told that the header's own times don't matter.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${HUBBUB_CCACHE})
endif()
if(HUBBUB_CCACHE AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_compile_options(-fpch-preprocess)
endif()
find_program(HUBBUB_MOLD mold)
if(HUBBUB_MOLD AND NOT CMAKE_EXE_LINKER_FLAGS MATCHES "-fuse-ld")
  add_link_options(-fuse-ld=mold)
endif()

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  add_compile_options(-Wno-restrict -Wno-array-bounds)  # false for every std::string that is put together: gcc bug 105651
endif()
add_compile_options(-fPIE -fstack-protector-strong)
add_compile_definitions(_GLIBCXX_ASSERTIONS)
add_link_options(-pie -Wl,-z,relro,-z,now -Wl,--as-needed)

if(HUBBUB_SANITIZE)
  add_compile_options(-fsanitize=${HUBBUB_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${HUBBUB_SANITIZE})
  if(HUBBUB_SANITIZE MATCHES "undefined")
    add_compile_options(-fno-sanitize=vptr)  # it makes a pipe for each look, and without descriptors calls every object bad
  endif()
else()
  add_compile_definitions($<$<CONFIG:Release,RelWithDebInfo>:_FORTIFY_SOURCE=2>)
endif()
