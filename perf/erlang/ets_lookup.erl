%% Look-ups of one element among 100,000 objects. Twin of ../Macro/Scenarios/Ets.cs.
-module(ets_lookup).
-export([round/2]).

-define(OBJECTS, 100000).

%% An operation is one look-up; Count of them in all, equally by each of Width processes. The table is made before the clock runs.
round(Width, Count) ->
    Each = Count div Width,
    Table = ets:new(t, [set, public, {read_concurrency, true}]),
    [ets:insert(Table, {K, K}) || K <- lists:seq(0, ?OBJECTS - 1)],
    Driver = self(),
    Start = erlang:monotonic_time(nanosecond),
    [spawn(fun() -> lookup(Table, N * 7919, Each), Driver ! done end) || N <- lists:seq(1, Width)],
    [receive done -> ok end || _ <- lists:seq(1, Width)],
    Took = erlang:monotonic_time(nanosecond) - Start,
    ets:delete(Table),
    {Width * Each, Took}.

lookup(_Table, _Key, 0) -> ok;
lookup(Table, Key, Left) ->
    [{Key, _}] = ets:lookup(Table, Key),
    lookup(Table, (Key + 7919) rem ?OBJECTS, Left - 1).
