%% Children of a dynamic supervisor that are started and terminated. Twin of SupervisedStart in ../Macro/Scenarios/Supervision.cs.
-module(supervised_start).
-behaviour(supervisor).
-export([round/2, init/1, start_child/0]).

%% An operation is one child: started by the supervisor, which was asked, and terminated by it, which was asked. Count of them for each of Clients clients.
round(Clients, Count) ->
    Driver = self(),
    {ok, Supervisor} = supervisor:start_link(?MODULE, supervisor),
    [spawn(fun() -> children(Supervisor, Count), Driver ! done end) || _ <- lists:seq(1, Clients)],
    wait(Clients),
    unlink(Supervisor),
    ok = gen_server:stop(Supervisor),
    Clients * Count.

children(_, 0) -> ok;
children(Supervisor, Left) ->
    {ok, Child} = supervisor:start_child(Supervisor, []),
    ok = supervisor:terminate_child(Supervisor, Child),
    children(Supervisor, Left - 1).

init(supervisor) ->
    {ok, {#{strategy => simple_one_for_one}, [#{id => child, start => {?MODULE, start_child, []}, restart => temporary}]}}.

start_child() -> gen_server:start_link(gen_start_stop, [], []).

wait(0) -> ok;
wait(Left) -> receive done -> wait(Left - 1) end.
