// Services that a program offers: the calls of them that it runs, and what it still owes.
#include "client/link/offers.hpp"

#include <gtest/gtest.h>

#include "proto/codec.hpp"

namespace hubbub::link {
namespace {

constexpr InvocationId one{1}, two{2};

class OffersTest : public testing::Test {
 protected:
  void offer(std::string_view service) {
    proto::ServiceOffer what;
    what.service = MethodName::literal(service);
    OfferHandlers handlers;
    handlers.invoked = [this](Invocation call) { invoked_.push_back(std::move(call)); };
    handlers.revoked = [this](InvocationId id) { revoked_.push_back(id); };
    handlers.refused = [this](const Error& why) { refused_.push_back(why); };
    offers_.add(std::move(what), std::move(handlers));
  }
  void invoke(InvocationId id, std::string_view method, std::string_view arguments = "[1]") {
    proto::Invoke invoke;
    invoke.id = id;
    invoke.method = MethodName::literal(method);
    invoke.from = PersonName::literal("alice");
    invoke.deadline_ms = 500;
    invoke.attempt = 2;
    invoke.verified = true;
    invoke.call = CallId{8};
    invoke.arguments = {arguments};
    offers_.invoked(invoke, out_);
  }
  /// What was written last, and nothing else.
  proto::Outcome outcome() {
    written_ = std::exchange(out_, {});
    const auto header = proto::read_frame_header(written_.data());
    EXPECT_EQ(header.payload_bytes + proto::frame_header_bytes, written_.size());
    EXPECT_EQ(header.type, proto::Outcome::type);
    return proto::decode_value<proto::Outcome>(std::string_view(written_).substr(proto::frame_header_bytes)).value();
  }

  Offers offers_;
  std::string out_, written_;
  std::vector<Invocation> invoked_;
  std::vector<InvocationId> revoked_;
  std::vector<Error> refused_;
};

TEST_F(OffersTest, ACallReachesTheHandlerOfItsServiceAndIsAnsweredOnce) {
  offer("image");
  offer("image.tools");
  invoke(one, "image.tools.scale", "[640]");
  ASSERT_EQ(invoked_.size(), 1u);
  const auto& call = invoked_[0];
  EXPECT_EQ(call.id, one);
  EXPECT_EQ(call.method, "scale");
  EXPECT_EQ(call.arguments, "[640]");
  EXPECT_EQ(call.deadline_ms, 500u);
  EXPECT_EQ(call.attempt, 2u);
  EXPECT_EQ(call.from.str(), "alice");
  EXPECT_TRUE(call.verified);
  EXPECT_EQ(call.call, CallId{8});
  EXPECT_TRUE(out_.empty());
  EXPECT_TRUE(offers_.answer(one, Status::not_found, "no such picture", out_));
  const auto answer = outcome();
  EXPECT_EQ(answer.id, one);
  EXPECT_EQ(answer.status, Status::not_found);
  EXPECT_EQ(answer.result.bytes, "no such picture");
  EXPECT_FALSE(offers_.answer(one, Status::ok, "again", out_));
  EXPECT_TRUE(out_.empty());
  EXPECT_EQ(offers_.running(), 0u);
}

TEST_F(OffersTest, AnAnswerThatIsNotOwedIsNone) {
  EXPECT_FALSE(offers_.answer(one, Status::ok, "hello", out_));
  EXPECT_TRUE(out_.empty());
}

TEST_F(OffersTest, EachServiceHasAPingThatNeedsNoHandler) {
  offer("image");
  invoke(one, "image.ping");
  EXPECT_EQ(outcome().status, Status::ok);
  EXPECT_TRUE(invoked_.empty());
  EXPECT_EQ(offers_.running(), 0u);
}

TEST_F(OffersTest, ACallOfWhatIsNotOfferedIsRefusedAsNotRun) {
  offer("image");
  invoke(one, "sound.play");
  EXPECT_EQ(outcome().status, Status::unavailable);
  invoke(two, "image");
  EXPECT_EQ(outcome().status, Status::unavailable);
  EXPECT_TRUE(invoked_.empty());
}

TEST_F(OffersTest, ARevokedCallIsToldAndStillOwed) {
  offer("image");
  invoke(one, "image.scale");
  offers_.revoked({one});
  offers_.revoked({two});
  EXPECT_EQ(revoked_, std::vector{one});
  EXPECT_TRUE(offers_.answer(one, Status::cancelled, "stopped", out_));
}

TEST_F(OffersTest, AWithdrawnServiceTakesNoCallsAndWhatRunsIsStillToldAndOwed) {
  offer("image");
  invoke(one, "image.scale");
  offers_.remove(MethodName::literal("image"));
  EXPECT_TRUE(offers_.list().empty());
  invoke(two, "image.scale");
  EXPECT_EQ(outcome().status, Status::unavailable);
  offers_.revoked({one});
  EXPECT_EQ(revoked_, std::vector{one});
  EXPECT_TRUE(offers_.answer(one, Status::ok, "done", out_));
}

TEST_F(OffersTest, TheEndOfTheConnectionRevokesWhatRunsAndNothingIsOwed) {
  offer("image");
  invoke(one, "image.scale");
  invoke(two, "image.scale");
  offers_.remove(MethodName::literal("image"));
  offers_.disconnected();
  EXPECT_EQ(revoked_, (std::vector{one, two}));
  EXPECT_FALSE(offers_.answer(one, Status::ok, "done", out_));
}

TEST_F(OffersTest, AResultThatFitsIntoNoFrameIsSaidToBeTooLong) {
  offer("image");
  invoke(one, "image.scale");
  EXPECT_TRUE(offers_.answer(one, Status::ok, std::string(limits::frame_bytes_max, 'x'), out_));
  EXPECT_LE(out_.size(), 1000u);
  EXPECT_EQ(outcome().status, Status::out_of_range);
  invoke(two, "image.scale");
  EXPECT_TRUE(offers_.answer(two, Status::ok, std::string(limits::frame_bytes_max - 64, 'x'), out_));
  EXPECT_EQ(outcome().status, Status::ok);
}

TEST_F(OffersTest, AHandlerMayWithdrawItsOwnService) {
  proto::ServiceOffer what;
  what.service = MethodName::literal("image");
  OfferHandlers handlers;
  const std::string big(100, 'x');  // owned by the handlers, which go with the offer
  const auto remove = [this] { offers_.remove(MethodName::literal("image")); };
  handlers.invoked = [this, remove, big](const Invocation& call) {
    remove();
    offers_.answer(call.id, Status::ok, big, out_);
  };
  handlers.refused = [remove, big](const Error&) {
    remove();
    EXPECT_EQ(big.size(), 100u);
  };
  offers_.add(what, handlers);
  invoke(one, "image.scale");
  EXPECT_EQ(outcome().result.bytes, big);
  offers_.add(what, handlers);
  offers_.refused(MethodName::literal("image"), {Status::already_exists, "taken"});
  EXPECT_TRUE(offers_.list().empty());
}

TEST_F(OffersTest, ARefusalReachesTheHandlerOfItsService) {
  offer("image");
  offers_.refused(MethodName::literal("sound"), {Status::already_exists, "taken"});
  EXPECT_TRUE(refused_.empty());
  offers_.refused(MethodName::literal("image"), {Status::already_exists, "taken"});
  EXPECT_EQ(refused_, std::vector<Error>({{Status::already_exists, "taken"}}));
  EXPECT_EQ(offers_.list().size(), 1u) << "the next connection asks again";
}

TEST_F(OffersTest, AHubsIdThatComesAgainOnAnotherConnectionIsAnotherCall) {
  offer("image");
  invoke(one, "image.scale");
  offers_.disconnected();
  invoke(one, "image.scale");
  ASSERT_EQ(invoked_.size(), 2u);
  EXPECT_NE(invoked_[0].id, invoked_[1].id);
  EXPECT_FALSE(offers_.answer(invoked_[0].id, Status::ok, "late", out_)) << "its connection has gone";
  EXPECT_TRUE(offers_.answer(invoked_[1].id, Status::ok, "42", out_));
  EXPECT_EQ(outcome().id, one);
}

}  // namespace
}  // namespace hubbub::link
