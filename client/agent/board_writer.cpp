#include "client/agent/board_writer.hpp"

#include <algorithm>
#include <atomic>

namespace hubbub::agent {

namespace {

using Word = std::atomic_ref<std::uint64_t>;
static_assert(Word::is_always_lock_free, "readers take no lock");

static_assert(sizeof(hubbub_person) == 128 && sizeof(hubbub_room) == 168 && sizeof(hubbub_summary) == 208,
              "as docs/board.md has it, without bytes between the members");
static_assert(limits::person_name_bytes_max < sizeof(hubbub_person::name), "a name and a zero byte fit");
static_assert(limits::room_name_bytes_max < sizeof(hubbub_room::name), "a name and a zero byte fit");

/// Fills the rest with zeroes, of which there is one at least; never ends within a character.
template <std::size_t Size>
void put(std::string_view text, char (&into)[Size]) {
  text = text.substr(0, text.find('\0'));
  auto bytes = std::min(text.size(), Size - 1);
  if (bytes < text.size())
    while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xc0) == 0x80) --bytes;
  std::fill(std::copy_n(text.data(), bytes, into), into + Size, '\0');
}

hubbub_person record_of(const proto::Person& person) {
  hubbub_person record{};
  put(person.name.str(), record.name);
  put(person.away.str(), record.away);
  record.presence = static_cast<std::uint32_t>(person.presence);
  record.verified = person.verified ? 1 : 0;
  record.idle_since = person.idle_since.ns;
  return record;
}

hubbub_room record_of(const BoardRoom& room) {
  hubbub_room record{};
  put(room.name.str(), record.name);
  record.direct = is_direct(room.name) ? 1 : 0;
  record.unread = room.unread;
  record.mentions = room.mentions;
  record.last = room.last.value;
  return record;
}

/// The sequence is odd while the others change. A store with release can't be overtaken by those before it: no reader
/// that sees a new word can find the old, even sequence after that. What a reader sees between is odd, or another one.
void write_record(std::uint64_t* words, const std::uint64_t* from, std::size_t count) {
  Word sequence(words[0]);
  const auto odd = sequence.load(std::memory_order_relaxed) | 1;
  sequence.store(odd, std::memory_order_relaxed);
  for (std::size_t i = 1; i < count; ++i) Word(words[i]).store(from[i], std::memory_order_release);
  sequence.store(odd + 1, std::memory_order_release);
}

}  // namespace

Result<std::unique_ptr<BoardWriter>> BoardWriter::make(const std::string& name) {
  auto memory = BoardMemory::make(name);
  if (!memory) return tl::unexpected(memory.error());
  return std::unique_ptr<BoardWriter>(new BoardWriter(*std::move(memory), name));
}

BoardWriter::BoardWriter(BoardMemory memory, std::string name)
    : memory_(std::move(memory)),
      name_(std::move(name)),
      people_(HUBBUB_PEOPLE, [this](auto place, const auto& record) { write(memory_.page().people[place], record); }),
      rooms_(HUBBUB_ROOMS, [this](auto place, const auto& record) { write(memory_.page().rooms[place], record); }) {}

template <class Record>
void BoardWriter::write(Record& into, const Record& record) {
  if (!memory_.is_whole()) return;
  std::uint64_t from[sizeof(Record) / sizeof(std::uint64_t)];
  std::memcpy(from, &record, sizeof record);
  write_record(reinterpret_cast<std::uint64_t*>(&into), from, std::size(from));
  Word(memory_.page().changes).fetch_add(1, std::memory_order_release);
}

void BoardWriter::write_summary() {
  summary_.people = static_cast<std::uint32_t>(people_.used());
  summary_.people_left_out = static_cast<std::uint32_t>(people_.left_out());
  summary_.rooms = static_cast<std::uint32_t>(rooms_.used());
  summary_.rooms_left_out = static_cast<std::uint32_t>(rooms_.left_out());
  if (std::memcmp(&summary_, &written_, sizeof summary_) == 0) return;
  written_ = summary_;
  write(memory_.page().summary, summary_);
}

void BoardWriter::set_names(std::string_view hub, std::string_view own_name) {
  put(hub, summary_.hub);
  put(own_name, summary_.own_name);
  write_summary();
}

void BoardWriter::set_connection(BoardConnection connection) {
  summary_.connection = static_cast<std::uint32_t>(connection);
  write_summary();
}

void BoardWriter::set_person(const proto::Person& person) {
  if (people_.set(record_of(person))) write_summary();
}

void BoardWriter::forget_person(const PersonName& name) {
  if (people_.forget(name.str())) write_summary();
}

void BoardWriter::set_room(const BoardRoom& room) {
  const auto before = counted(room.name.str());
  if (!rooms_.set(record_of(room))) return;
  count(before, {room.unread, room.mentions});
  write_summary();
}

void BoardWriter::forget_room(const RoomName& name) {
  const auto before = counted(name.str());
  if (!rooms_.forget(name.str())) return;
  count(before, {});
  write_summary();
}

BoardWriter::Counts BoardWriter::counted(const std::string& room) const {
  const auto* const record = rooms_.find(room);
  return record == nullptr ? Counts{} : Counts{record->unread, record->mentions};
}

void BoardWriter::count(const Counts& before, const Counts& now) {
  summary_.unread += now.unread - before.unread;
  summary_.mentions += now.mentions - before.mentions;
}

void BoardWriter::beat(Clock::Steady now) {
  if (!memory_.is_whole()) return;
  const auto ns = std::chrono::nanoseconds(now.time_since_epoch()).count();
  Word(memory_.page().heartbeat).store(static_cast<std::uint64_t>(ns), std::memory_order_relaxed);
}

bool BoardWriter::is_in_place() const { return memory_.is_whole() && memory_.is_in_place(); }

Result<void> BoardWriter::restore() {
  auto memory = BoardMemory::make(name_);
  if (!memory) return tl::unexpected(memory.error());
  memory_ = *std::move(memory);
  people_.write_all();
  rooms_.write_all();
  write(memory_.page().summary, summary_);
  return {};
}

}  // namespace hubbub::agent
