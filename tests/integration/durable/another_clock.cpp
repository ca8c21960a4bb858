// The machine's clock, as much further as the file says that HUBBUB_CLOCK_AHEAD names (nanoseconds, 8 bytes), for a
// program that this is preloaded into. What is measured with (CLOCK_MONOTONIC) goes on as ever, as on a machine whose
// clock is set.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <ctime>

namespace {

std::int64_t ahead_ns() {
  static const auto* const ahead = [] {
    const int file = ::open(std::getenv("HUBBUB_CLOCK_AHEAD"), O_RDONLY | O_CLOEXEC);
    void* const page = ::mmap(nullptr, sizeof(std::int64_t), PROT_READ, MAP_SHARED, file, 0);
    if (page == MAP_FAILED) std::abort();
    ::close(file);
    return static_cast<const std::atomic<std::int64_t>*>(page);
  }();
  return ahead->load();
}

}  // namespace

extern "C" int clock_gettime(clockid_t clock, timespec* time) noexcept {
  if (const auto failed = ::syscall(SYS_clock_gettime, clock, time); failed != 0) return static_cast<int>(failed);
  if (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE) return 0;
  constexpr std::int64_t second_ns = 1'000'000'000;
  const auto shown = time->tv_sec * second_ns + time->tv_nsec + ahead_ns();
  *time = {shown / second_ns, shown % second_ns};
  return 0;
}

extern "C" int gettimeofday(timeval* time, void*) noexcept {
  timespec now{};
  const int result = clock_gettime(CLOCK_REALTIME, &now);
  *time = {now.tv_sec, now.tv_nsec / 1000};
  return result;
}

extern "C" time_t time(time_t* time) noexcept {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  if (time != nullptr) *time = now.tv_sec;
  return now.tv_sec;
}
