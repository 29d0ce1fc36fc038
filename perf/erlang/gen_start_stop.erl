%% Servers that are started and stopped. Twin of GenServerStartStop in ../Macro/Scenarios/Behaviours.cs.
-module(gen_start_stop).
-behaviour(gen_server).
-export([round/2, init/1, handle_call/3, handle_cast/2]).

%% An operation is one server: started, its start acknowledged, stopped, its end awaited. Count of them by each of Members processes.
round(Members, Count) ->
    Driver = self(),
    [spawn(fun() -> servers(Count), Driver ! done end) || _ <- lists:seq(1, Members)],
    wait(Members),
    Members * Count.

servers(0) -> ok;
servers(Left) ->
    {ok, Server} = gen_server:start(?MODULE, [], []),
    ok = gen_server:stop(Server),
    servers(Left - 1).

init([]) -> {ok, 0}.

handle_call(_, _From, State) -> {reply, State + 1, State + 1}.

handle_cast(_, State) -> {noreply, State}.

wait(0) -> ok;
wait(Left) -> receive done -> wait(Left - 1) end.
