// States and events for the tests of the terminal client, in few words.
#pragma once

#include <string>
#include <vector>

#include "client/tui/apply/apply.hpp"
#include "client/tui/draw/draw.hpp"

namespace hubbub::tui {

inline constexpr WallTime noon{1'750'000'000'000'000'000};  // 2025-06-15 15:06:40 UTC

inline WallTime after(WallTime time, std::uint64_t seconds) { return WallTime{time.ns + seconds * 1'000'000'000}; }

/// One person at a terminal, online as ~alice, in rooms that they have joined.
class Scene {
 public:
  explicit Scene(Size size = {24, 80}, std::vector<std::string> rooms = {"lobby"});

  State state;

  void happens(const Event& event) { tui::apply(state, event); }
  void goes_online(bool new_life = false);
  void goes_offline();
  /// The hub has started again with the same data.
  void comes_back_after_restart();
  /// The hub says so: the newest is `last`, and all up to `read` is read.
  void joined(const std::string& room, std::uint64_t last, std::uint64_t read);
  void history_comes(const std::string& room, std::uint64_t first, std::vector<link::Message> messages);
  /// In another session of hers.
  void reads_elsewhere(const std::string& room, std::uint64_t seq);
  /// Somebody says it; `seq` counts on by itself.
  void hears(const std::string& room, const std::string& from, const std::string& text,
             proto::Kind kind = proto::Kind::text);
  void types(const std::string& text);
  void presses(const Key& key) { happens(key); }
  void pastes(const std::string& text);
  void enters(const std::string& line);
  /// The answer to a Say.
  void is_told(const Say& said, Result<Seq> seq);
  void time_passes(std::uint64_t seconds);

  Room& room(const std::string& name) { return *find_room(state, RoomName::literal(name)); }
  [[nodiscard]] Screen screen() const { return draw(state, state.size); }
  /// The rows of the screen, blanks at their ends cut.
  [[nodiscard]] std::vector<std::string> rows() const;
  /// The screen as one text.
  [[nodiscard]] std::string seen() const;
  /// What the first effect of that type is; takes all effects. Fails the test if there is none.
  template <class T>
  T effect() {
    for (auto& effect : take_effects(state))
      if (auto* found = std::get_if<T>(&effect)) return *found;
    throw std::runtime_error("no such effect");
  }
  template <class T>
  std::size_t count_effects() {
    std::size_t count = 0;
    for (auto& effect : take_effects(state)) count += std::holds_alternative<T>(effect);
    return count;
  }

  std::map<std::string, std::uint64_t> last;  ///< seqs by room
};

link::Message message(const std::string& room, std::uint64_t seq, const std::string& from, const std::string& text,
                      proto::Kind kind = proto::Kind::text, WallTime time = noon);
proto::Person person(const std::string& name, proto::Presence presence = proto::Presence::online,
                     bool verified = false);
link::Presence event(const std::string& room, proto::EventKind kind, const proto::Person& who,
                     const std::string& text = "");

}  // namespace hubbub::tui
