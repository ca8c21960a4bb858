// Something to do on a core: a move-only function, so that it can carry slices and strings without copies.
#pragma once

#include <memory>
#include <utility>

namespace hubbub::server {

class Core;

class Task {
 public:
  template <class Function>
  explicit Task(Function function) : work_(std::make_unique<Holder<Function>>(std::move(function))) {}
  void operator()(Core& core) { work_->run(core); }

 private:
  struct Work {
    virtual ~Work() = default;
    virtual void run(Core& core) = 0;
  };
  template <class Function>
  struct Holder final : Work {
    explicit Holder(Function f) : function(std::move(f)) {}
    void run(Core& core) override { function(core); }
    Function function;
  };
  std::unique_ptr<Work> work_;
};

}  // namespace hubbub::server
