using System.Diagnostics;

namespace CloudScale.Samples.Tests;

/// <summary>The C# server, called by Elixir.</summary>
[Category("OtpNode")]
public sealed class ShopTests
{
    [Test]
    public async Task Elixir_CallsServerAndFunctions_WithStructs()
    {
        OtpInstallation.Require();
        if (OtpInstallation.Find("elixir") is null)
            Assert.Ignore("No Elixir on the path.");
        await using RealEpmd epmd = await RealEpmd.StartAsync();
        string program = Repository.ProgramOf("Shop");
        using Process shop = OtpInstallation.Start(
            "dotnet",
            epmd.Port,
            program,
            "--CloudScale:Name=shop-test@127.0.0.1",
            "--CloudScale:Cookie=shop-cookie"
        );
        try
        {
            string? ready = await shop.StandardOutput.ReadLineAsync().WaitAsync(Eventually.Patience);
            Assert.That(ready, Is.EqualTo("READY shop-test@127.0.0.1"));
            using Process elixir = OtpInstallation.Start(
                "elixir",
                epmd.Port,
                [
                    "--name",
                    "elixir@127.0.0.1",
                    "--cookie",
                    "shop-cookie",
                    Path.Combine(Path.GetDirectoryName(program)!, "shop.exs"),
                    "shop-test@127.0.0.1",
                ]
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
        finally
        {
            shop.Kill();
        }
    }
}
