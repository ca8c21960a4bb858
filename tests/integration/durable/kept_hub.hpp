// A hub that keeps its rooms in a folder of the test's, and can be started again on it.
//   KeptHub hub;   …   hub.restart();          as after an upgrade
//                      hub.restart(SIGKILL);   as after a crash
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/hub_process.hpp"
#include "tests/support/wire_client.hpp"

namespace hubbub::test {

class KeptHub {
 public:
  explicit KeptHub(std::vector<std::string> flags = {}, std::string config = {},
                   std::vector<std::string> environment = {})
      : flags_(std::move(flags)), config_(std::move(config)), environment_(std::move(environment)) {
    start();
  }
  ~KeptHub() {
    hub_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(data_, ignored);
  }
  KeptHub(const KeptHub&) = delete;
  KeptHub& operator=(const KeptHub&) = delete;

  HubProcess& operator*() { return *hub_; }
  HubProcess* operator->() { return hub_.get(); }
  [[nodiscard]] const std::string& data() const { return data_; }

  void restart(int signal = SIGTERM) {
    hub_->stop(signal);
    start();
  }
  void stop(int signal = SIGTERM) { hub_->stop(signal); }
  void start() {
    auto flags = flags_;
    flags.insert(flags.end(), {"--data", data_});
    hub_ = std::make_unique<HubProcess>(HubOptions{std::move(flags), config_, environment_, 0, true});
  }

  /// A client of that person, always the same one.
  WireClient client(const std::string& name) {
    WireClient made(hub_->url());
    made.greet({name, id_of<ClientId>(name), id_of<OwnerKey>(name), proto::protocol_minor});
    return made;
  }

 private:
  template <class Id>
  static Id id_of(const std::string& name) {
    Id id;
    for (std::size_t i = 0; i < id.bytes.size(); ++i) id.bytes[i] = static_cast<std::uint8_t>(name[i % name.size()]);
    return id;
  }
  static std::string make_folder() {
    std::string name = std::filesystem::temp_directory_path() / "hubbub-data-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) throw Failure("no temporary folder can be made");
    return name;
  }

  const std::string data_ = make_folder();
  const std::vector<std::string> flags_;
  const std::string config_;
  const std::vector<std::string> environment_;
  std::unique_ptr<HubProcess> hub_;
};

/// The bodies of a page of history.
inline std::vector<std::string> bodies(const proto::RoomHistory::Reply& page) {
  std::vector<std::string> all;
  for (const auto& message : page.messages)
    all.emplace_back(proto::decode_value<proto::Delivery>(message.bytes).value().body.bytes);
  return all;
}

}  // namespace hubbub::test
