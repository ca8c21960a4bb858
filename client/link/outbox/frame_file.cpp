#include "client/link/outbox/frame_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <limits>
#include <utility>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace hubbub::link {

namespace {

/// From here on places are used again that are free: what is written and acknowledged all the time goes round in
/// the system's cache.
constexpr std::int64_t ring_bytes = 16 << 20;

std::int64_t hash_of(std::string_view bytes) {
  return static_cast<std::int64_t>(::XXH3_64bits(bytes.data(), bytes.size()));
}

}  // namespace

Result<FrameFile> FrameFile::open(const std::string& path) {
  FrameFile opened;
  opened.path_ = path;
  opened.file_ = Descriptor(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!opened.file_.is_open()) return tl::unexpected(opened.failure("open"));
  return opened;
}

void FrameFile::hold(const Extent& extent) {
  held_[extent.at] = extent.bytes;
  held_bytes_ += extent.bytes;
  if (extent.at + extent.bytes > next_) next_ = extent.at + extent.bytes;
}

Result<Extent> FrameFile::write(std::string_view bytes) {
  const Extent extent{place_for(static_cast<std::int64_t>(bytes.size())), static_cast<std::int64_t>(bytes.size()),
                      hash_of(bytes)};
  for (std::size_t done = 0; done < bytes.size();) {
    const auto wrote = ::pwrite(file_.get(), bytes.data() + done, bytes.size() - done,
                                static_cast<off_t>(extent.at) + static_cast<off_t>(done));
    if (wrote < 0 && errno != EINTR) return tl::unexpected(failure("write"));
    if (wrote > 0) done += static_cast<std::size_t>(wrote);
  }
  held_[extent.at] = extent.bytes;
  held_bytes_ += extent.bytes;
  next_ = extent.at + extent.bytes;
  return extent;
}

Result<std::string> FrameFile::read(const Extent& extent) const {
  std::string bytes(static_cast<std::size_t>(extent.bytes), '\0');
  std::size_t done = 0;
  while (done < bytes.size()) {
    const auto got = ::pread(file_.get(), bytes.data() + done, bytes.size() - done,
                             static_cast<off_t>(extent.at) + static_cast<off_t>(done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return tl::unexpected(failure("read"));
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  if (done < bytes.size() || hash_of(bytes) != extent.hash)
    return fail(Status::data_loss, "the outbox " + path_ + " is damaged: some of its messages are missing");
  return bytes;
}

void FrameFile::settle() {
  for (const auto& extent : std::exchange(released_, {})) {
    held_.erase(extent.at);
    held_bytes_ -= extent.bytes;
  }
  if (!held_.empty() || next_ <= ring_bytes) return;
  if (::ftruncate(file_.get(), 0) == 0) next_ = 0;
}

std::int64_t FrameFile::free_at(std::int64_t at) const {
  const auto behind = held_.lower_bound(at);
  return behind == held_.end() ? std::numeric_limits<std::int64_t>::max() : behind->first - at;
}

/// One after the other, and once that is through from the first gap on that is large enough. While little lies free, it
/// isn't looked for: of a gigabyte that waits, every message would walk over all of it.
std::int64_t FrameFile::place_for(std::int64_t bytes) const {
  if (held_.empty()) return 0;
  if (next_ < ring_bytes && free_at(next_) >= bytes) return next_;
  const auto& [last, last_bytes] = *held_.rbegin();
  const auto end = last + last_bytes;
  if (end - held_bytes_ < ring_bytes / 2) return end;
  std::int64_t at = 0;
  for (const auto& [place, held] : held_) {
    if (place - at >= bytes) break;
    at = place + held;
  }
  return at;
}

Error FrameFile::failure(const char* doing) const {
  return {Status::unavailable, std::string("can't ") + doing + " the outbox " + path_ + ": " + std::strerror(errno)};
}

}  // namespace hubbub::link
