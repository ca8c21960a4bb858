#include "tests/support/faulty_file.hpp"

#include <algorithm>
#include <cstring>

namespace hubbub::test {

namespace {

/// How much of the unwritten a loss of power leaves. All of it and nothing of it have to come often enough to be met.
enum class Mercy { none, all, some };
Mercy throw_mercy(Dice& dice) {
  const auto number = dice.below(6);
  return number == 0 ? Mercy::none : number == 1 ? Mercy::all : Mercy::some;
}

/// Which of `count` versions is found, counted from 1; 0: that of the last sync.
std::size_t pick(Mercy mercy, std::size_t count, Dice& dice) {
  if (mercy == Mercy::none) return 0;
  return mercy == Mercy::all ? count : dice.below(count + 1);
}

}  // namespace

void FaultyFile::write(std::size_t offset, std::string_view bytes) {
  if (bytes.empty()) return;
  const auto old_size = seen_.size();
  if (offset + bytes.size() > old_size) {
    seen_.resize(offset + bytes.size());
    sizes_.push_back({++changes_, seen_.size(), false});
  }
  std::memcpy(seen_.data() + offset, bytes.data(), bytes.size());
  remember(offset, offset + bytes.size());
}

void FaultyFile::resize(std::size_t size) {
  const auto old_size = seen_.size();
  if (size == old_size) return;
  seen_.resize(size);
  sizes_.push_back({++changes_, size, size < old_size});
  if (size < old_size && size % sector_bytes != 0) remember(size, size + 1);  // whose rest is zeros from now on
}

std::size_t FaultyFile::read(std::size_t offset, char* to, std::size_t bytes) const {
  if (offset >= seen_.size()) return 0;
  const auto count = std::min(bytes, seen_.size() - offset);
  std::memcpy(to, seen_.data() + offset, count);
  return count;
}

/// The sectors of these bytes as they are now seen: versions that a loss of power may leave.
void FaultyFile::remember(std::size_t first_byte, std::size_t end_byte) {
  for (auto sector = first_byte / sector_bytes; sector * sector_bytes < end_byte; ++sector)
    versions_[sector].push_back({++changes_, sector_of(seen_, sector)});
}

std::string FaultyFile::sector_of(const std::string& bytes, std::size_t sector) const {
  const auto begin = sector * sector_bytes;
  auto found = begin < bytes.size() ? bytes.substr(begin, sector_bytes) : std::string();
  found.resize(sector_bytes);
  return found;
}

void FaultyFile::sync() {
  for (const auto& size : sizes_) apply(size);
  for (const auto& [sector, versions] : versions_) put_on_platter(sector, sector_of(seen_, sector));
  platter_.resize(seen_.size());
  versions_.clear();
  sizes_.clear();
}

/// What was cut off is gone, and reads as zeros if the file grows again.
void FaultyFile::apply(const Size& size) {
  if (size.cut && size.bytes < platter_.size()) platter_.resize(size.bytes);
}

void FaultyFile::put_on_platter(std::size_t sector, const std::string& bytes) {
  const auto end = (sector + 1) * sector_bytes;
  if (platter_.size() < end) platter_.resize(end);
  platter_.replace(sector * sector_bytes, sector_bytes, bytes);
}

void FaultyFile::fail_to_sync(Dice& dice) { settle(dice); }

void FaultyFile::cut_power(Dice& dice) {
  settle(dice);
  seen_ = platter_;
}

/// A throw for the size, and one for each sector. Where it is found before the file was cut there, only what was
/// written before that can be found; where after, only what was written after.
void FaultyFile::settle(Dice& dice) {
  const auto mercy = throw_mercy(dice);
  const auto sizes_found = pick(mercy, sizes_.size(), dice);
  const auto size = sizes_found == 0 ? platter_.size() : sizes_[sizes_found - 1].bytes;
  for (std::size_t i = 0; i < sizes_found; ++i) apply(sizes_[i]);
  for (const auto& [sector, versions] : versions_) {
    const auto [after, before] = possible_changes(sector, sizes_found);
    std::vector<const std::string*> possible;
    for (const auto& version : versions)
      if (version.change > after && version.change < before) possible.push_back(&version.bytes);
    if (const auto picked = pick(mercy, possible.size(), dice); picked > 0)
      put_on_platter(sector, *possible[picked - 1]);
  }
  platter_.resize(size);
  versions_.clear();
  sizes_.clear();
}

std::pair<std::uint64_t, std::uint64_t> FaultyFile::possible_changes(std::size_t sector,
                                                                     std::size_t sizes_found) const {
  std::pair<std::uint64_t, std::uint64_t> range{0, UINT64_MAX};
  for (std::size_t i = 0; i < sizes_.size(); ++i) {
    if (!sizes_[i].cut || sizes_[i].bytes > sector * sector_bytes) continue;
    if (i < sizes_found)
      range.first = sizes_[i].change;
    else
      range.second = std::min(range.second, sizes_[i].change);
  }
  return range;
}

}  // namespace hubbub::test
