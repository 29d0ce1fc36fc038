%% Calls to a gen_server, by gen_server:call as everybody writes it. Twin of ../Macro/Scenarios/GenCall.cs.
-module(gen_call).
-behaviour(gen_server).
-export([round/2, init/1, handle_call/3, handle_cast/2]).

%% An operation is one call; Count of them by each of Callers, all to one server.
round(Callers, Count) ->
    Driver = self(),
    {ok, Server} = gen_server:start(?MODULE, [], []),
    [spawn(fun() -> calls(Server, Count), Driver ! done end) || _ <- lists:seq(1, Callers)],
    wait(Callers),
    gen_server:cast(Server, stop),
    Callers * Count.

calls(_Server, 0) -> ok;
calls(Server, Left) ->
    N = gen_server:call(Server, next),
    true = is_integer(N),
    calls(Server, Left - 1).

init([]) -> {ok, 0}.

handle_call(next, _From, State) -> {reply, State + 1, State + 1}.

handle_cast(stop, State) -> {stop, normal, State}.

wait(0) -> ok;
wait(Left) -> receive done -> wait(Left - 1) end.
