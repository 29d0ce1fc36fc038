using System.Diagnostics;

namespace CloudScale.Samples.Tests;

/// <summary>The program of the README does what the README says.</summary>
[Category("OtpNode")]
public sealed class HelloTests
{
    [Test]
    public async Task Hello_AddsForErlang_AndCrashesWhenToldTo()
    {
        await using RealEpmd epmd = await RealEpmd.StartAsync();
        await using ErlangNode erlang = await ErlangNode.StartAsync("me@127.0.0.1", "secret", epmd.Port);
        using Process hello = OtpInstallation.Start("dotnet", epmd.Port, Repository.ProgramOf("Hello"));
        try
        {
            string? line = await hello.StandardOutput.ReadLineAsync().WaitAsync(Eventually.Patience);
            Assert.That(line, Does.Contain("{calculator, 'hello@127.0.0.1'} ! {add, self(), 40, 2}"));
            await erlang.EvalAsync("{calculator, 'hello@127.0.0.1'} ! {add, self(), 40, 2}");
            Assert.That(await erlang.EvalAsync("receive Sum -> Sum after 10000 -> nothing end"), Is.EqualTo("{sum,42}"));
            await erlang.EvalAsync(
                "Ref = monitor(process, {calculator, 'hello@127.0.0.1'}), {calculator, 'hello@127.0.0.1'} ! {crash, on_purpose}"
            );
            Assert.That(
                await erlang.EvalAsync("receive {'DOWN', Ref, _, _, Why} -> Why after 10000 -> nothing end"),
                Is.EqualTo("on_purpose")
            );
        }
        finally
        {
            hello.Kill();
        }
    }
}
