// The one place that includes Asio, and the few types everything in this room is written with.
//
// Everything runs on `Executor`, the io_context of one worker thread: concrete types instead of
// any_io_executor save a virtual call and a reference count for each operation.
#pragma once

// Frames of coroutines and operations that a thread keeps for the next one, of each kind. With two, Asio's
// own choice, hundreds of busy connections take most of theirs from malloc.
#define BOOST_ASIO_RECYCLING_ALLOCATOR_CACHE_SIZE 8

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>

namespace schoolgate {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using error_code = boost::system::error_code;

using Executor = asio::io_context::executor_type;
template <class T>
using Task = asio::awaitable<T, Executor>;
using Socket = asio::basic_stream_socket<tcp, Executor>;
using Acceptor = asio::basic_socket_acceptor<tcp, Executor>;
using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                         asio::wait_traits<std::chrono::steady_clock>, Executor>;

using UseTask = asio::use_awaitable_t<Executor>;
// Completion token: the operation's result as a tuple, errors included; it never throws.
inline constexpr asio::as_tuple_t<UseTask> use_result{};

}  // namespace schoolgate
