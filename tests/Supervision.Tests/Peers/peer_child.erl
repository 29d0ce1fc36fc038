-module(peer_child).
-behaviour(gen_server).
-behaviour(supervisor).
-export([start_link/1, start_sup/1, init/1, handle_call/3, handle_cast/2]).

start_link(Arg) -> gen_server:start_link(?MODULE, {child, Arg}, []).

start_sup(Strategy) -> supervisor:start_link({local, peer_sup}, ?MODULE, {sup, Strategy}).

init({sup, simple_one_for_one}) ->
    {ok, {#{strategy => simple_one_for_one}, [#{id => dyn, start => {?MODULE, start_link, []}}]}};
init({sup, Strategy}) ->
    {ok, {#{strategy => Strategy, intensity => 5}, [#{id => first, start => {?MODULE, start_link, [1]}}]}};
init({child, stop}) -> {stop, why};
init({child, Arg}) -> {ok, Arg}.

handle_call(get, _From, State) -> {reply, State, State}.

handle_cast(Reason, State) -> {stop, Reason, State}.
