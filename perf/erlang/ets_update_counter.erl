%% Counting in 1,000 counters. Twin of ../Macro/Scenarios/Ets.cs.
-module(ets_update_counter).
-export([round/2]).

-define(COUNTERS, 1000).

%% An operation is one update_counter; Count of them in all, equally by each of Width processes, all in the same counters.
round(Width, Count) ->
    Each = Count div Width,
    Table = ets:new(t, [set, public, {write_concurrency, true}]),
    [ets:insert(Table, {K, 0}) || K <- lists:seq(0, ?COUNTERS - 1)],
    Driver = self(),
    [spawn(fun() -> count(Table, N * 31, Each), Driver ! done end) || N <- lists:seq(1, Width)],
    [receive done -> ok end || _ <- lists:seq(1, Width)],
    ets:delete(Table),
    Width * Each.

count(_Table, _Key, 0) -> ok;
count(Table, Key, Left) ->
    ets:update_counter(Table, Key, 1),
    count(Table, (Key + 31) rem ?COUNTERS, Left - 1).
