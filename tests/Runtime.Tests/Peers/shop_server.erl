%% A gen_server whose protocol is records, tagged tuples and atoms; the C# side knows it by contracts.
-module(shop_server).
-behaviour(gen_server).
-export([start/0, init/1, handle_call/3, handle_cast/2]).

-record(order, {id, customer, lines = []}).
-record(line, {article, count}).

start() -> gen_server:start({local, shop}, ?MODULE, [], []).

init([]) -> {ok, #{}}.

handle_call({add, #order{id = Id, lines = Lines} = Order}, _From, Orders) when is_integer(Id), Lines =/= [] ->
    Total = lists:sum([Count || #line{count = Count} <- Lines]),
    {reply, {ok, Total}, Orders#{Id => Order}};
handle_call({add, _}, _From, Orders) ->
    {reply, {error, bad_order}, Orders};
handle_call({get, Id}, _From, Orders) ->
    case Orders of
        #{Id := Order} -> {reply, {ok, Order}, Orders};
        _ -> {reply, {error, not_found}, Orders}
    end;
handle_call(count, _From, Orders) ->
    {reply, {ok, map_size(Orders)}, Orders};
%% Calls a server of ours and answers with what it said.
handle_call({ask, Server, N}, _From, Orders) ->
    {reply, gen_server:call(Server, {square, N}), Orders}.

handle_cast(_, Orders) -> {noreply, Orders}.
