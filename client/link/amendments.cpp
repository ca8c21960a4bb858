#include "client/link/amendments.hpp"

#include <algorithm>
#include <limits>
#include <tuple>
#include <utility>

#include "common/escape.hpp"

namespace hubbub::link {

using proto::Amends;

namespace {

/// About what a list needs for each of its elements beside the texts.
constexpr std::size_t element_bytes = 256;

std::size_t bytes_of_key(const std::string& key) { return element_bytes / 2 + 2 * key.size(); }

WallTime plus_ms(WallTime time, std::uint64_t ms) {
  constexpr auto end = std::numeric_limits<std::uint64_t>::max();
  constexpr std::uint64_t ns_per_ms = 1'000'000;
  return ms > (end - time.ns) / ns_per_ms ? WallTime{end} : WallTime{time.ns + ms * ns_per_ms};
}

/// None of an erased message, which has no headers that mean anything; nor where the hub doesn't act on them either.
proto::Marks marks_of(const Message& message) {
  if (message.erased || !message.marked) return {};
  return proto::read_marks(message.headers).value_or(proto::Marks{});
}

std::optional<Amendment> amendment_of(const Message& message, const proto::Marks& marks) {
  const bool is_about_earlier = marks.amends != Amends::nothing && marks.target < message.seq;
  if (message.kind != proto::Kind::notice || !is_about_earlier) return std::nullopt;
  if (marks.amends == Amends::redaction && !message.by_hub) return std::nullopt;
  if (marks.amends == Amends::reaction && !is_reaction(message.body)) return std::nullopt;
  const bool can_undo = marks.amends == Amends::reaction || marks.amends == Amends::pin;
  return Amendment{marks.amends, marks.target, marks.undo && can_undo};
}

bool is_past(WallTime expires, WallTime now) { return expires.ns != 0 && expires <= now; }

}  // namespace

bool is_reaction(std::string_view text) {
  const bool has_blank = text.find_first_of(" \t\n") != std::string_view::npos;
  return !text.empty() && text.size() <= reaction_bytes_max && !has_blank && is_harmless(text);
}

std::optional<Amendment> amendment_of(const Message& message) { return amendment_of(message, marks_of(message)); }

Outgoing amending(const RoomName& room, const Amendment& amendment) {
  Outgoing message;
  message.room = room;
  message.kind = proto::Kind::notice;
  const auto header = proto::amends_headers[static_cast<std::size_t>(amendment.what)];
  message.headers.list.push_back({std::string(header), std::to_string(amendment.target.value)});
  if (amendment.undo) message.headers.list.push_back({std::string(proto::undo_header), "1"});
  return message;
}

std::string pin_words(Seq target, bool undo) {
  return (undo ? "unpinned message " : "pinned message ") + std::to_string(target.value);
}

WallTime expiry_of(const Message& message) {
  const auto ttl_ms = marks_of(message).ttl_ms;
  return ttl_ms == 0 ? WallTime{} : plus_ms(message.time, ttl_ms);
}

bool is_over(const Message& message, WallTime now) { return message.erased || is_past(expiry_of(message), now); }

Subject subject_of(const Message& message) {
  const auto marks = marks_of(message);
  Subject subject{message.seq, message.from, message.verified, message.erased, false, {}, std::string(marks.key)};
  subject.amends = amendment_of(message, marks).has_value();
  if (marks.ttl_ms != 0) subject.expires = plus_ms(message.time, marks.ttl_ms);
  return subject;
}

Message shown_as(Message message, const View& view) {
  if (view.standing != Standing::shown) message.body.clear();
  if (view.edited) message.body = view.text;
  return message;
}

// ── what comes ───────────────────────────────────────────────────────────────────────────────────────────────────────

Amendments::List& Amendments::About::of(Amends what) {
  switch (what) {
    case Amends::edit: return edits;
    case Amends::reaction: return reactions;
    case Amends::pin: return pins;
    default: return redactions;
  }
}

std::vector<Seq> Amendments::take(const Message& message) {
  std::vector<Seq> affected;
  const auto subject = subject_of(message);
  if (!subject.key.empty()) note_key(subject.key, subject.seq, affected);
  if (subject.erased && erased_.insert(subject.seq).second) note_over(subject.seq, affected);
  if (erased_.size() > erased_max) erased_.erase(erased_.begin());
  const auto amendment = amendment_of(message);
  if (!amendment) return affected;
  keep(*amendment, message, subject);
  affected.push_back(amendment->target);
  if (amendment->what == Amends::redaction) note_over(amendment->target, affected);
  return affected;
}

void Amendments::keep(const Amendment& amendment, const Message& message, const Subject& subject) {
  auto& about = about_[amendment.target];
  Kept kept{
      {message.from, message.verified, message.seq, message.time}, subject.expires, subject.key, amendment.undo, {}};
  if (amendment.what != Amends::pin) kept.body = message.body;
  if (amendment.what == Amends::redaction) kept.expires = {};  // what is erased doesn't come back
  const auto cost = element_bytes + kept.body.size() + kept.key.size();
  const auto kept_until = kept.expires;
  if (!about.of(amendment.what).emplace(message.seq, std::move(kept)).second) return;
  bytes_ += cost;
  target_of_[message.seq] = amendment.target;
  if (kept_until.ns != 0) expiring_.emplace(kept_until, message.seq);
  bound(about, amendment.what);
  while (bytes_ > bytes_max_ && about_.size() > 1) forget(about_.begin());
}

void Amendments::drop(List& list, List::iterator kept) {
  bytes_ -= element_bytes + kept->second.body.size() + kept->second.key.size();
  target_of_.erase(kept->first);
  expiring_.erase({kept->second.expires, kept->first});
  list.erase(kept);
}

/// What stays is the same in whichever order they came.
void Amendments::bound(About& about, Amends what) {
  auto& list = about.of(what);
  if (what == Amends::edit) return bound_edits(list);
  if (what == Amends::redaction && list.size() > redactions_max) return drop(list, std::prev(list.end()));
  if (what == Amends::reaction && list.size() > reactions_max) drop(list, list.begin());
  if (what == Amends::pin && list.size() > pins_max) drop(list, list.begin());
}

/// Whose target it is may not be known yet: so of each person some stay.
void Amendments::bound_edits(List& edits) {
  const auto person = [](const Kept& kept) { return std::pair(kept.by.name, kept.by.verified); };
  std::map<std::pair<PersonName, bool>, std::vector<Seq>> by_person;
  for (const auto& [seq, kept] : edits) by_person[person(kept)].push_back(seq);
  for (auto& [who, seqs] : by_person) {
    if (seqs.size() <= edits_max) continue;
    drop(edits, edits.find(seqs.front()));
    seqs.erase(seqs.begin());
  }
  if (by_person.size() <= editors_max) return;
  const auto longest_ago = std::ranges::min_element(by_person, {}, [](const auto& one) { return one.second.back(); });
  for (const auto seq : longest_ago->second) drop(edits, edits.find(seq));
}

void Amendments::forget(std::map<Seq, About>::iterator about) {
  for (const auto what : {Amends::edit, Amends::reaction, Amends::pin, Amends::redaction})
    for (auto& list = about->second.of(what); !list.empty();) drop(list, list.begin());
  about_.erase(about);
}

void Amendments::note_key(const std::string& key, Seq seq, std::vector<Seq>& affected) {
  const auto [newest, is_new] = newest_of_key_.try_emplace(key, Seq{});
  if (seq <= newest->second) return;
  if (is_new)
    keys_bytes_ += bytes_of_key(key);
  else
    note_over(newest->second, affected);
  keys_.erase(newest->second);
  newest->second = seq;
  keys_.emplace(seq, key);
  while (keys_bytes_ > keys_bytes_max && keys_.size() > 1) forget_oldest_key();
}

void Amendments::forget_oldest_key() {
  keys_bytes_ -= bytes_of_key(keys_.begin()->second);
  newest_of_key_.erase(keys_.begin()->second);
  keys_.erase(keys_.begin());
}

/// That message isn't what it was any more; nor what it is about, if it is an amendment.
void Amendments::note_over(Seq seq, std::vector<Seq>& affected) const {
  affected.push_back(seq);
  if (const auto target = target_of_.find(seq); target != target_of_.end()) affected.push_back(target->second);
}

std::vector<Seq> Amendments::expire(WallTime now) {
  std::vector<Seq> affected;
  while (!expiring_.empty() && expiring_.begin()->first <= now) {
    const auto seq = expiring_.begin()->second;
    const auto target = target_of_.at(seq);
    affected.push_back(target);
    auto& about = about_.at(target);
    for (const auto what : {Amends::edit, Amends::reaction, Amends::pin, Amends::redaction})
      if (auto& list = about.of(what); list.contains(seq)) drop(list, list.find(seq));
  }
  return affected;
}

void Amendments::forget_before(Seq seq) {
  while (!about_.empty() && about_.begin()->first < seq) forget(about_.begin());
  while (!keys_.empty() && keys_.begin()->first < seq) forget_oldest_key();
  erased_.erase(erased_.begin(), erased_.lower_bound(seq));
}

// ── what is shown ────────────────────────────────────────────────────────────────────────────────────────────────────

bool Amendments::is_redacted(Seq seq) const {
  const auto about = about_.find(seq);
  return about != about_.end() && !about->second.redactions.empty();
}

bool Amendments::is_replaced(const std::string& key, Seq seq) const {
  if (key.empty()) return false;
  const auto newest = newest_of_key_.find(key);
  return newest != newest_of_key_.end() && newest->second > seq;
}

bool Amendments::counts(const Kept& kept, WallTime now) const {
  const auto seq = kept.by.seq;
  return !is_past(kept.expires, now) && !erased_.contains(seq) && !is_replaced(kept.key, seq) && !is_redacted(seq);
}

View Amendments::view(const Subject& subject, WallTime now) const {
  View view;
  static const About nothing;
  const auto found = about_.find(subject.seq);
  const auto& about = found == about_.end() ? nothing : found->second;
  const auto is_good = [&](const auto& one) { return counts(one.second, now); };
  if (const auto& list = about.redactions; !list.empty()) {
    const auto first = std::ranges::find_if(list, is_good);
    view.standing = first == list.end() ? Standing::gone : Standing::redacted;
    if (first != list.end()) std::tie(view.redacted, view.reason) = std::tie(first->second.by, first->second.body);
    return view;
  }
  const bool is_erased = subject.erased || erased_.contains(subject.seq);
  if (is_erased || is_past(subject.expires, now) || is_replaced(subject.key, subject.seq))
    view.standing = Standing::gone;
  else if (subject.amends)
    view.standing = Standing::amendment;
  if (view.standing != Standing::shown) return view;
  const auto edit = std::find_if(about.edits.rbegin(), about.edits.rend(), [&](const auto& one) {
    return one.second.by.name == subject.from && one.second.by.verified == subject.verified && is_good(one);
  });
  if (edit != about.edits.rend()) std::tie(view.edited, view.text) = std::tie(edit->second.by, edit->second.body);
  const auto pin = std::find_if(about.pins.rbegin(), about.pins.rend(), is_good);
  if (pin != about.pins.rend() && !pin->second.undo) view.pinned = pin->second.by;
  add_reactions(about.reactions, now, view);
  return view;
}

/// One of a person that was taken back and said again is in its old place.
void Amendments::add_reactions(const List& list, WallTime now, View& view) const {
  const auto is_of = [](const By& by, const By& other) {
    return by.name == other.name && by.verified == other.verified;
  };
  std::set<std::pair<std::string_view, Seq>> off;  // people, by the message that brought them in
  for (const auto& [seq, kept] : list) {
    if (!counts(kept, now)) continue;
    auto reaction = std::ranges::find(view.reactions, kept.body, &Reaction::what);
    if (reaction == view.reactions.end()) reaction = view.reactions.insert(reaction, {kept.body, {}});
    auto person = std::ranges::find_if(reaction->people, [&](const By& by) { return is_of(by, kept.by); });
    if (person == reaction->people.end()) person = reaction->people.insert(person, kept.by);
    if (kept.undo)
      off.insert({kept.body, person->seq});
    else
      off.erase({kept.body, person->seq});
  }
  for (auto& reaction : view.reactions)
    std::erase_if(reaction.people, [&](const By& by) { return off.contains({reaction.what, by.seq}); });
  std::erase_if(view.reactions, [](const Reaction& reaction) { return reaction.people.empty(); });
}

}  // namespace hubbub::link
