%% Children that fail and are restarted. Twin of SupervisedRestart in ../Macro/Scenarios/Supervision.cs.
-module(supervised_restart).
-behaviour(supervisor).
-export([round/2, init/1, start_child/2, child/3]).

%% An operation is one restart: the child is killed, and tells the driver when it has been started again. Count of them in a row for each of Children children.
round(Children, Count) ->
    logger:set_primary_config(level, none),
    {ok, Supervisor} = supervisor:start_link(?MODULE, {self(), Children}),
    restarts(#{}, Count, Children * Count),
    unlink(Supervisor),
    ok = gen_server:stop(Supervisor),
    Children * Count.

restarts(_, _, 0) -> ok;
restarts(Done, Count, Left) ->
    receive
        {Number, Child} when is_integer(Number) ->
            N = maps:get(Number, Done, 0),
            N < Count andalso exit(Child, kill),
            restarts(Done#{Number => N + 1}, Count, case N of 0 -> Left; _ -> Left - 1 end)
    end.

init({Driver, Children}) ->
    {ok, {#{intensity => 1 bsl 30, period => 1},
          [#{id => N, start => {?MODULE, start_child, [Driver, N]}} || N <- lists:seq(0, Children - 1)]}}.

start_child(Driver, Number) -> proc_lib:start_link(?MODULE, child, [self(), Driver, Number]).

child(Parent, Driver, Number) ->
    Driver ! {Number, self()},
    proc_lib:init_ack(Parent, {ok, self()}),
    receive stop -> ok end.
