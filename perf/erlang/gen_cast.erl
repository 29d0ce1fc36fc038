%% Casts to a gen_server. Twin of GenServerCast in ../Macro/Scenarios/Behaviours.cs.
-module(gen_cast).
-behaviour(gen_server).
-export([round/2, init/1, handle_call/3, handle_cast/2]).

%% An operation is one cast; Count of them by each of Callers, all to one server. A call after every thousand keeps the mailbox short.
round(Callers, Count) ->
    Driver = self(),
    {ok, Server} = gen_server:start(?MODULE, [], []),
    [spawn(fun() -> casts(Server, Count), Driver ! done end) || _ <- lists:seq(1, Callers)],
    wait(Callers),
    gen_server:cast(Server, stop),
    Callers * Count.

casts(Server, 0) -> gen_server:call(Server, get);
casts(Server, Left) ->
    gen_server:cast(Server, next),
    case Left rem 1000 of
        0 -> gen_server:call(Server, get);
        _ -> ok
    end,
    casts(Server, Left - 1).

init([]) -> {ok, 0}.

handle_call(get, _From, State) -> {reply, State, State}.

handle_cast(stop, State) -> {stop, normal, State};
handle_cast(next, State) -> {noreply, State + 1}.

wait(0) -> ok;
wait(Left) -> receive done -> wait(Left - 1) end.
