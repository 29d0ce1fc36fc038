namespace CloudScale.Services.Tests;

/// <summary>Elixir's registries and task supervisors, from here.</summary>
[Category("OtpNode")]
public sealed class ElixirTests : PeerFixture
{
    [OneTimeSetUp]
    public async Task LoadElixir()
    {
        string? program = OtpInstallation.Find("elixir");
        if (program is null)
            Assert.Ignore("No Elixir on the path.");
        using System.Diagnostics.Process elixir = OtpInstallation.Start("elixir", Epmd.Port, "-e", "IO.write(:code.lib_dir(:elixir))");
        string library = (await elixir.StandardOutput.ReadToEndAsync()).Trim();
        await elixir.WaitForExitAsync();
        Assert.That(
            await EvalAsync(
                $$"""
                code:add_pathsz(["{{library}}/ebin", "{{Path.GetDirectoryName(
                    library
                )}}/logger/ebin"]), {ok, _} = application:ensure_all_started(elixir),
                spawn(fun() -> {ok, _} = 'Elixir.Registry':start_link([{keys, unique}, {name, 'Elixir.Shop.Registry'}]),
                  {ok, _} = 'Elixir.Task.Supervisor':start_link([{name, 'Elixir.Shop.Tasks'}]),
                  {ok, _} = 'Elixir.Registry':register('Elixir.Shop.Registry', <<"till">>, 17), test ! elixir_runs, receive never -> ok end end),
                receive elixir_runs -> ready after 5000 -> timeout end
                """
            ),
            Is.EqualTo("ready")
        );
    }

    [Test]
    public async Task Registry_IsLookedUp()
    {
        IReadOnlyList<(Pid Pid, object Value)> found = await Within(
            Ours.RunAsync(self => Elixir.Lookup(self, There, "Shop.Registry", "till"))
        );
        Assert.That(found.Single().Value, Is.EqualTo(17L));
        Assert.That(await Within(Ours.RunAsync(self => Elixir.WhereIs(self, There, "Shop.Registry", "till"))), Is.EqualTo(found[0].Pid));
        Assert.That((await Within(Ours.RunAsync(self => Elixir.WhereIs(self, There, "Shop.Registry", "nobody")))).IsNone);
    }

    [Test]
    public async Task Task_IsStartedUnderItsSupervisor()
    {
        object got = await Within(
            Ours.RunAsync<object>(async self =>
            {
                Pid task = await Elixir.StartTask(self, There, "Shop.Tasks", "erlang", "send", List.Of(self.Pid, (Atom)"done"));
                return Tuple.Of(task.Node.Name, await self.Receive());
            })
        );
        Assert.That(got, Is.EqualTo(Tuple.Of(There, (Atom)"done")));
    }
}
