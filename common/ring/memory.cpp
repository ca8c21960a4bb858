#include "common/ring/memory.hpp"

#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

namespace hubbub::ring {

namespace {

#ifndef MFD_NOEXEC_SEAL  // Linux 6.3
#define MFD_NOEXEC_SEAL 0x0008U
#endif

tl::unexpected<Error> cannot(const char* what) {
  const auto status = errno == ENOMEM || errno == ENOSPC ? Status::resource_exhausted : Status::unavailable;
  return fail(status, fmt::format("can't {} ({})", what, std::strerror(errno)));
}

/// Kernels that know MFD_NOEXEC_SEAL may insist on it (vm.memfd_noexec), older ones don't take it.
Descriptor anonymous_file(const char* name) {
  constexpr unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  const int fd = ::memfd_create(name, flags | MFD_NOEXEC_SEAL);
  return Descriptor(fd >= 0 || errno != EINVAL ? fd : ::memfd_create(name, flags));
}

}  // namespace

Result<Descriptor> make_memory(const char* name, std::size_t bytes) {
  auto memory = anonymous_file(name);
  if (!memory.is_open()) return cannot("make shared memory");
  if (::fallocate(memory.get(), 0, 0, static_cast<off_t>(bytes)) != 0) return cannot("get memory to share");
  return memory;
}

Result<void> seal(const Descriptor& memory, int seals) {
  if (::fcntl(memory.get(), F_ADD_SEALS, seals) != 0) return cannot("seal shared memory");
  return {};
}

Result<std::size_t> check_memory(const Descriptor& memory, int seals) {
  const int found = ::fcntl(memory.get(), F_GET_SEALS);
  if (found < 0) return fail(Status::failed_precondition, "this is no memory that can be sealed (memfd_create(2))");
  if ((found & seals) != seals)
    return fail(
        Status::failed_precondition,
        fmt::format("this shared memory isn't sealed against changes: it has the seals {:#x}, and {:#x} are needed",
                    found, seals));
  struct stat about {};
  if (::fstat(memory.get(), &about) != 0) return cannot("look at shared memory");
  return static_cast<std::size_t>(about.st_size);
}

Result<Mapping> Mapping::map(const Descriptor& memory, std::size_t bytes, Access access) {
  const int protection = access == Access::read ? PROT_READ : PROT_READ | PROT_WRITE;
  void* const mapped = ::mmap(nullptr, bytes, protection, MAP_SHARED, memory.get(), 0);
  if (mapped == MAP_FAILED) return cannot("map shared memory");
  return Mapping(mapped, bytes);
}

Mapping::~Mapping() {
  if (memory_ != nullptr) ::munmap(memory_, bytes_);
}

}  // namespace hubbub::ring
