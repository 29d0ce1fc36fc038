using System.Diagnostics;

namespace CloudScale.InteropNode.Tests;

/// <summary>What the page says of Elixir, by Elixir.</summary>
[Category("OtpNode")]
public sealed class ElixirTests
{
    [Test]
    public async Task TaskSupervisorAndGenServer_ServeElixir()
    {
        OtpInstallation.Require();
        if (OtpInstallation.Find("elixir") is null)
            Assert.Ignore("No Elixir on the path.");
        const string cookie = "a-cookie-of-its-own";
        await using RealEpmd epmd = await RealEpmd.StartAsync();
        await using SampleProcess sample = await SampleProcess.StartReadyAsync(epmd.Port, "sample@127.0.0.1", cookie);
        string script = Path.Combine(AppContext.BaseDirectory, "erlang/tasks.exs");
        using Process elixir = OtpInstallation.Start(
            "elixir",
            epmd.Port,
            ["--name", "elixir@127.0.0.1", "--cookie", cookie, script, "sample@127.0.0.1"]
        );
        Task<string> output = elixir.StandardOutput.ReadToEndAsync();
        Task<string> errors = elixir.StandardError.ReadToEndAsync();
        try
        {
            await elixir.WaitForExitAsync().WaitAsync(Eventually.Patience);
        }
        finally
        {
            if (!elixir.HasExited)
                elixir.Kill();
        }

        Assert.That(await output, Does.EndWith("ok\n"), await errors);
    }
}
