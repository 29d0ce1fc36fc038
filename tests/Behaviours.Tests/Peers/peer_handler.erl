%% A gen_event handler of Erlang's own, for callers of ours.
-module(peer_handler).
-behaviour(gen_event).
-export([init/1, handle_event/2, handle_call/2, terminate/2]).

init({refuse, Reason}) -> {error, Reason};
init(Argument) -> {ok, {Argument, []}}.

handle_event({crash, Reason}, _) -> exit(Reason);
handle_event(remove, _) -> remove_handler;
handle_event(Event, {Argument, Events}) -> {ok, {Argument, [Event | Events]}}.

handle_call(get, {_, Events} = State) -> {ok, lists:reverse(Events), State};
handle_call(arg, {Argument, _} = State) -> {ok, Argument, State}.

terminate(Argument, _) -> {terminated, Argument}.
