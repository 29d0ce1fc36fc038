%% Processes that end at once, each monitored by its maker, which waits for the DOWN. Twin of ../Macro/Scenarios/SpawnMonitor.cs.
-module(spawn_monitor).
-export([round/2]).

%% An operation is one process made with its monitor, ended, and reported.
round(_Width, Count) ->
    each(Count),
    Count.

each(0) -> ok;
each(Left) ->
    {_, Monitor} = erlang:spawn_monitor(fun() -> ok end),
    receive {'DOWN', Monitor, process, _, normal} -> ok end,
    each(Left - 1).
