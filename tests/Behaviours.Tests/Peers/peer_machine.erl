%% A gen_statem of Erlang's own, for callers of ours.
-module(peer_machine).
-behaviour(gen_statem).
-export([init/1, callback_mode/0, handle_event/4]).

callback_mode() -> handle_event_function.

init([]) -> {ok, off, 0}.

handle_event({call, From}, toggle, off, N) -> {next_state, on, N + 1, [{reply, From, on}]};
handle_event({call, From}, toggle, on, N) -> {next_state, off, N + 1, [{reply, From, off}]};
handle_event(cast, reset, _, _) -> {next_state, off, 0};
handle_event(_, _, _, _) -> keep_state_and_data.
