using System.Diagnostics;
using CloudScale.Serialization.Contracts;

namespace CloudScale.Runtime.Tests;

/// <content>Servers of Erlang and Elixir called with contracts, and servers of ours called back: nobody here writes a tuple by hand.</content>
public sealed partial class ErlangPeerTests
{
    [Test]
    public async Task GenServer_OfErlang_IsCalledWithContracts()
    {
        await StartShopAsync();
        Order order = new(7, "Ada", [new Line("tea", 2), new Line("grüner Tee", 40)]);
        Reply[] replies = await CallAllAsync<Reply>(
            "shop",
            new Request.Add(order),
            new Request.Add(order with { Lines = [] }),
            new Request.Get(7),
            new Request.Get(8),
            new Request.Count()
        );

        Assert.That(replies[0], Is.EqualTo(new Reply.Ok(42L)));
        Assert.That(replies[1], Is.EqualTo(new Reply.Error("bad_order")));
        Assert.That(Contract.TryFrom<Order>(((Reply.Ok)replies[2]).Value, out Order? again, out string? error), Is.True, error);
        Assert.That(again!.Lines, Is.EqualTo(order.Lines));
        Assert.That(again with { Lines = order.Lines }, Is.EqualTo(order));
        Assert.That(replies[3], Is.EqualTo(new Reply.Error("not_found")));
        Assert.That(replies[4], Is.EqualTo(new Reply.Ok(1L)));
    }

    [Test]
    public async Task Server_OfOurs_IsCalledBackByErlang()
    {
        await StartShopAsync();
        Pid server = SpawnMath();
        Reply[] replies = await CallAllAsync<Reply>("shop", new Request.Ask(server, 12), new Request.Ask(server, -1));
        Assert.That(replies[0], Is.EqualTo(new Reply.Ok(144L)));
        Assert.That(replies[1], Is.EqualTo(new Reply.Error("negative")));
        _node.Exit(server, Atoms.Kill);
    }

    [Test]
    public async Task GenServer_OfElixir_AndOurs_TalkInStructs()
    {
        await StartCounterAsync();
        Pid server = _node.Spawn(async self =>
        {
            while (true)
            {
                GenCall call = await self.Receive<GenCall>();
                if (!Contract.TryFrom<Item>(call.Request, out Item? item, out string? error))
                    self.Reply(call.From, Tuple.Of(Atoms.Error, error));
                else
                    self.Reply(call.From, item with { Count = item.Count + 1 });
            }
        });
        Stock[] stocks = await CallAllAsync<Stock>(
            "counter",
            new ElixirRequest.Put(new Item("tea", 2)),
            new ElixirRequest.Put(new Item("milk", 3, "cold"))
        );
        Assert.That(stocks[1].Total, Is.EqualTo(5));
        Assert.That(stocks[1].Items, Is.EqualTo(new[] { new Item("milk", 3, "cold"), new Item("tea", 2) }));

        Item[] items = await CallAllAsync<Item>("counter", new ElixirRequest.Ask(server, "rice"));
        Assert.That(items, Is.EqualTo(new[] { new Item("rice", 21, "from Elixir") }));
        _node.Exit(server, Atoms.Kill);
    }

    private Pid SpawnMath() =>
        _node.Spawn(async self =>
        {
            while (true)
            {
                GenCall call = await self.Receive<GenCall>();
                Reply reply = Contract.TryFrom<Square>(call.Request, out Square? square, out string? error)
                    ? square.N < 0
                        ? new Reply.Error("negative")
                        : new Reply.Ok((long)square.N * square.N)
                    : new Reply.Ok(error);
                self.Reply(call.From, reply);
            }
        });

    private async Task<T[]> CallAllAsync<T>(string server, params ITermContract[] requests)
        where T : ITermContract<T>
    {
        TaskCompletionSource<T[]> done = Completion<T[]>();
        _node.Spawn(async self =>
        {
            try
            {
                List<T> replies = [];
                foreach (ITermContract request in requests)
                {
                    object answer = await self.Call(server, request, "peer@127.0.0.1");
                    replies.Add(
                        Contract.TryFrom<T>(answer, out T? reply, out string? error)
                            ? reply
                            : throw new InvalidOperationException($"{Term.Format(answer)}: {error}")
                    );
                }

                done.SetResult([.. replies]);
            }
            catch (Exception exception)
            {
                done.SetException(exception);
            }
        });
        return await Within(done.Task);
    }

    private async Task StartShopAsync()
    {
        string source = Path.Combine(TestContext.CurrentContext.TestDirectory, "Peers", "shop_server.erl");
        string started = await _erlang.EvalAsync(
            $$"""
            (fun() ->
               {ok, shop_server, Code} = compile:file("{{source}}", [binary, report]),
               {module, _} = code:load_binary(shop_server, "{{source}}", Code),
               case whereis(shop) of undefined -> ok; Old -> M = monitor(process, Old), exit(Old, kill), receive {'DOWN', M, _, _, _} -> ok end end,
               {ok, _} = shop_server:start(), started end)()
            """
        );
        Assert.That(started, Is.EqualTo("started"));
    }

    private async Task StartCounterAsync()
    {
        if (OtpInstallation.Find("elixirc") is null)
            Assert.Ignore("No Elixir on the path: elixirc is needed.");
        string output = Directory.CreateTempSubdirectory("cloudscale-elixir-").FullName;
        try
        {
            string source = Path.Combine(TestContext.CurrentContext.TestDirectory, "Peers", "counter.ex");
            await RunAsync("elixirc", "-o", output, source);
            string library = (await RunAsync("elixir", "-e", "IO.write(:code.lib_dir(:elixir))")).Trim();
            string started = await _erlang.EvalAsync(
                $$"""
                code:add_pathsz(["{{library}}/ebin", "{{Path.GetDirectoryName(library)}}/logger/ebin"]), code:add_patha("{{output}}"),
                [{module, _} = code:ensure_loaded(M) || M <- ['Elixir.Shop.Item', 'Elixir.Shop.Stock', 'Elixir.Shop.Counter']],
                case 'Elixir.Shop.Counter':start() of {ok, _} -> started; CounterError -> CounterError end
                """
            );
            Assert.That(started, Is.EqualTo("started"));
        }
        finally
        {
            Directory.Delete(output, recursive: true);
        }
    }

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using Process process = Process.Start(
            new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true }
        )!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        Assert.That(process.ExitCode, Is.Zero, output.Result + error.Result);
        return await output;
    }
}

/// <summary>-record(order, {id, customer, lines}).</summary>
[Term("order", Shape = TermShape.Record)]
internal sealed partial record Order(long Id, string? Customer, List<Line> Lines);

/// <summary>-record(line, {article, count}).</summary>
[Term("line", Shape = TermShape.Record)]
internal sealed partial record Line(string Article, int Count);

/// <summary>What shop_server understands.</summary>
[TermUnion]
internal abstract partial record Request
{
    [Term("add")]
    internal sealed partial record Add(Order Order) : Request;

    [Term("get")]
    internal sealed partial record Get(long Id) : Request;

    [Term("count", Shape = TermShape.Atom)]
    internal sealed partial record Count : Request;

    [Term("ask")]
    internal sealed partial record Ask(Pid Server, int N) : Request;
}

/// <summary>What it answers.</summary>
[TermUnion]
internal abstract partial record Reply
{
    [Term("ok")]
    internal sealed partial record Ok(object Value) : Reply;

    [Term("error")]
    internal sealed partial record Error(Atom Reason) : Reply;
}

/// <summary>What our server understands.</summary>
[Term("square")]
internal sealed partial record Square(int N);

/// <summary>%Shop.Item{}</summary>
[Term("Shop.Item", Shape = TermShape.Struct)]
internal sealed partial record Item(string Article, int Count = 1, string? Note = null);

/// <summary>%Shop.Stock{}</summary>
[Term("Shop.Stock", Shape = TermShape.Struct)]
internal sealed partial record Stock(List<Item> Items, int Total);

/// <summary>What Shop.Counter understands.</summary>
[TermUnion]
internal abstract partial record ElixirRequest
{
    [Term("put")]
    internal sealed partial record Put(Item Item) : ElixirRequest;

    [Term("ask")]
    internal sealed partial record Ask(Pid Server, string Article) : ElixirRequest;
}
