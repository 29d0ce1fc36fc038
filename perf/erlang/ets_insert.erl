%% New keys into a table, and its deletion. Twin of ../Macro/Scenarios/Ets.cs.
-module(ets_insert).
-export([round/2]).

%% An operation is one insert; Count of them in all, equally by each of Width processes into one table.
round(Width, Count) ->
    Each = Count div Width,
    Table = ets:new(t, [set, public, {write_concurrency, true}]),
    Driver = self(),
    [spawn(fun() -> insert(Table, N * Each, Each), Driver ! done end) || N <- lists:seq(0, Width - 1)],
    [receive done -> ok end || _ <- lists:seq(1, Width)],
    ets:delete(Table),
    Width * Each.

insert(_Table, _Key, 0) -> ok;
insert(Table, Key, Left) ->
    ets:insert(Table, {Key, Left}),
    insert(Table, Key + 1, Left - 1).
