#include "common/spare_memory.hpp"

#include <link.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>

namespace hubbub {

namespace {

/// A segment that may be written holds relocations, which no file would give back.
int unmap(dl_phdr_info* object, std::size_t, void*) {
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  for (int i = 0; i < object->dlpi_phnum; ++i) {
    const auto& segment = object->dlpi_phdr[i];
    if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) != 0) continue;
    const auto begin = (object->dlpi_addr + segment.p_vaddr) / page * page;
    const auto end = object->dlpi_addr + segment.p_vaddr + segment.p_memsz;
    ::madvise(reinterpret_cast<void*>(begin), end - begin,
              MADV_DONTNEED);  // advice: where it fails all stays as it was
  }
  return 0;
}

}  // namespace

void let_go_of_spare_memory() {
  ::malloc_trim(0);
  ::dl_iterate_phdr(unmap, nullptr);
}

}  // namespace hubbub
