// One room as this terminal sees it: what was said, what is being sent, who is there, and what of it was read.
//   messages, history pages, notes --insert/add--> entries, in the room's order     typed --> unsent --> entries
// Pure. Ids come from State, so that a place is one place over all rooms.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "client/tui/input/history.hpp"
#include "client/tui/input/input_line.hpp"
#include "client/tui/state/entry.hpp"
#include "proto/messages/presence.hpp"
#include "proto/text.hpp"

namespace hubbub::tui {

/// Which rows are seen: those up to `rows_below` rows before the end of entry `bottom`; or simply the newest.
struct Scroll {
  bool following = true;
  EntryId bottom;
  int rows_below = 0;
  EntryId newest_seen;        ///< the newest entry when the view stopped following
  std::size_t new_below = 0;  ///< said since the view stopped following
};

/// What the hub was told, in this life of the room, of how far the person has read it.
struct CursorTold {
  Seq seq;
  bool asking = false;  ///< a SetCursor is under way
  WallTime asked_at;
};

/// Messages of this life that the hub has between those that are here: somebody went straight to older ones.
struct Hole {
  Seq first, last;
};

/// One thread of the room, in the place of its messages. Who types there answers its first message.
struct OpenThread {
  Position root;
  Scroll scroll;
  InputLine line_of_room;  ///< what was being typed when it was opened
  EntryId opened_after;    ///< notes that come later are shown here, too
  int pages = 0;           ///< asked for to have all answers
};

struct Room {
  /// Older entries are dropped from memory; scrolling up asks the hub for them again. More of them are kept while
  /// somebody looks at them.
  static constexpr std::size_t entries_max = 5000;
  static constexpr std::size_t entries_max_in_view = 20000;

  RoomName name;
  bool joined = false;     ///< the hub has said so
  bool durable = false;    ///< what is said outlives the hub
  bool receiving = false;  ///< its messages come, or were asked for
  Topic topic;
  std::vector<proto::Person> members;      ///< by name
  std::uint64_t member_changes = 0;        ///< that events have told of
  std::map<std::string, WallTime> typing;  ///< until when
  std::vector<std::string> speakers;       ///< the latest last; completion offers them first

  std::deque<Entry> entries;
  std::deque<Entry> unsent;     ///< in the order typed; Fate::told: acknowledged, but its seq is yet to come with it
  link::Amendments amendments;  ///< of this life
  WallTime next_expiry;         ///< of an entry or an amendment; zero: of none
  unsigned life = 0;            ///< counts the times that the hub lost the room and began it again

  std::optional<Position> read;  ///< the person's cursor: all up to here is read; nothing: the hub hasn't told yet
  std::optional<Position> line;  ///< of the room in view: behind this stands the unread line
  std::size_t unread = 0;        ///< messages of others behind `read`
  std::size_t mentions = 0;      ///< of them, as far as they are here
  CursorTold told;

  Scroll scroll;
  bool history_asked = false;
  bool history_complete = false;  ///< the hub has nothing older than the oldest here
  int pages_to_unread = 0;        ///< asked for to reach the unread line
  int pages_to_fill = 0;          ///< asked for to fill the view
  Seq first;                      ///< the oldest that the hub has, in this life; zero: not told yet
  Seq last;                       ///< the newest
  std::vector<Hole> holes;
  std::optional<OpenThread> thread;
  std::map<Position, Seq> answers_read;      ///< by thread: looked at up to there, in that thread
  std::optional<Position> answers_new_from;  ///< what was read when this terminal came: answers behind it are new
  std::optional<EntryId> looked_at;          ///< what was gone to from the list of a search

  InputLine input;       ///< each room has its own unfinished line
  HistoryPlace history;  ///< and its own place among those that were sent

  /// Takes a message to its place by seq: behind the client's notes, or, one from a page of history, before those of a
  /// later time. False if it is there already.
  enum class Source { live, history };
  bool insert(Entry entry, Source source = Source::live);
  /// True if the message of that seq, in this life, is there.
  [[nodiscard]] bool has(Seq seq) const;
  /// Where the message of that seq, in this life, is.
  [[nodiscard]] std::optional<std::size_t> find_message(Seq seq) const;
  /// Messages `from` to `to` were inserted from a page, and the hub has none before `first_kept`: what lies between
  /// them and their neighbours is a hole from now on.
  void note_page(Seq from, Seq to, Seq first_kept);
  /// The hub has none of these (any more), or they are here: they are no hole.
  void fill_holes(Seq from, Seq to);
  /// The hole just before that item; nothing if there is none.
  [[nodiscard]] const Hole* hole_before(std::size_t index) const;
  /// Puts a note or an own failed message at the end.
  void add(Entry entry);
  /// What was acknowledged will not come any more as a message: it goes among the entries as it is.
  void settle_acknowledged();
  /// The hub has lost what was said and counts from 1 again: what is here stays, and is never mixed with the new.
  void begin_new_life();
  /// What is here goes on from what `older` has: that comes to stand above, as an earlier life.
  void follow(Room older);
  /// The oldest message of this life; zero if there is none.
  [[nodiscard]] Seq oldest() const;
  /// The newest message of this life; zero if there is none.
  [[nodiscard]] Seq newest() const;
  /// The newest of all.
  [[nodiscard]] std::optional<Position> newest_position() const;
  /// It is behind the cursor. Before the hub has told where that is: everything is.
  [[nodiscard]] bool is_unread(const Position& position) const { return !read || position > *read; }

  /// All that can be scrolled through: entries, then unsent.
  [[nodiscard]] std::size_t items() const { return entries.size() + unsent.size(); }
  [[nodiscard]] const Entry& item(std::size_t index) const {
    return index < entries.size() ? entries[index] : unsent[index - entries.size()];
  }
  /// Where the entry with that id is; nothing if it was dropped.
  [[nodiscard]] std::optional<std::size_t> find(EntryId id) const;

  [[nodiscard]] const proto::Person* member(std::string_view who) const;
  /// The name as it is shown: ~bob, unless the hub knows that it is true.
  [[nodiscard]] std::string signed_name(std::string_view who) const;
  void put_member(const proto::Person& person);
  void remove_member(std::string_view who);
  void spoke(const std::string& who);

  /// Of what is in view: the room or its open thread.
  Scroll& view() { return thread ? thread->scroll : scroll; }
  [[nodiscard]] const Scroll& view() const { return thread ? thread->scroll : scroll; }

  /// Drops the oldest, down to so many.
  void trim(std::size_t entries_kept);
  void erase_old_holes();
};

}  // namespace hubbub::tui
