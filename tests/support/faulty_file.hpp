// What a disk makes of one file: what a program sees of it, what is on the platter, and what a loss of power leaves.
//   write, resize --> seen, and versions of its sectors --sync--> on the platter
//                                                       --cut power--> any of the versions, sector by sector
// A sector of 512 bytes that was written since the last sync may be found in any state that it had since then, whatever
// was found of others: so writes are dropped, reordered and torn. The size, too, may be any that it was. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/dice.hpp"

namespace hubbub::test {

class FaultyFile {
 public:
  static constexpr std::size_t sector_bytes = 512;

  void write(std::size_t offset, std::string_view bytes);
  void resize(std::size_t size);
  /// Up to `bytes.size()` of what is there; how many.
  std::size_t read(std::size_t offset, char* to, std::size_t bytes) const;
  [[nodiscard]] std::size_t size() const { return seen_.size(); }

  void sync();
  /// As Linux does it: what was written since the last sync is no longer waiting to be written, and is on the platter
  /// or isn't. It is still seen, but a later sync won't bring it there, unless it is written once more.
  void fail_to_sync(Dice& dice);
  /// Only what is on the platter is seen from now on.
  void cut_power(Dice& dice);

 private:
  struct Version {
    std::uint64_t change;  // changes are numbered as they come
    std::string bytes;
  };
  struct Size {
    std::uint64_t change;
    std::size_t bytes;
    bool cut;  // from a larger one
  };
  void remember(std::size_t first_byte, std::size_t end_byte);
  void settle(Dice& dice);
  void apply(const Size& size);
  void put_on_platter(std::size_t sector, const std::string& bytes);
  [[nodiscard]] std::pair<std::uint64_t, std::uint64_t> possible_changes(std::size_t sector,
                                                                         std::size_t sizes_found) const;
  [[nodiscard]] std::string sector_of(const std::string& bytes, std::size_t sector) const;

  std::string seen_;
  std::string platter_;
  std::map<std::size_t, std::vector<Version>> versions_;  // of sectors, since the last sync; the newest last
  std::vector<Size> sizes_;                               // since the last sync; the newest last
  std::uint64_t changes_ = 0;
};

}  // namespace hubbub::test
