using System.Diagnostics;
using CloudScale.Testing;
using CloudScale.Tool.Contracts;
using CloudScale.Tool.Contracts.Erlang;

namespace CloudScale.Tool.Tests;

/// <summary>All of an application of OTP, imported: it compiles, and each record that Erlang makes is read and written back byte for byte.</summary>
[Category("OtpNode")]
public sealed class ImportOtpTests
{
    [TestCase("kernel", 35)]
    [TestCase("stdlib", 5)]
    [TestCase("inets", 10)]
    public Task Import_OfIncludesAndSomeModules_CompilesAndGivesEachRecordBack(string application, int least) =>
        Import(application, least, 8);

    [TestCase("kernel", 300)]
    [TestCase("stdlib", 100)]
    [TestCase("inets", 180)]
    [Explicit("A minute an application.")]
    public Task Import_OfAWholeApplication_CompilesAndGivesEachRecordBack(string application, int least) => Import(application, least, 1);

    // Every include file, and one in so many modules.
    private static async Task Import(string application, int least, int oneIn)
    {
        OtpInstallation.Require();
        string library = await Erlang("erl", "-noshell", "-eval", "io:put_chars(code:lib_dir()), halt().");
        string folder = Directory.EnumerateDirectories(library, application + "-*").Single();
        string[] files =
        [
            .. Sources(Path.Combine(folder, "include"), "*.hrl"),
            .. Sources(Path.Combine(folder, "ebin"), "*.beam").Where((_, index) => index % oneIn == 0),
        ];
        Dictionary<string, string> spaces = files.Select((file, index) => (file, $"Imported.N{index}")).ToDictionary();
        CompiledContracts contracts = CompiledContracts.Compile(
            files.Select(file => Importer.Import([file], new Preprocessor([], library), spaces[file]))
        );

        string script = Path.Combine(AppContext.BaseDirectory, "Erlang", "records.escript");
        string[] lines = (await Erlang("escript", [script, .. files])).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.That(lines, Has.Length.GreaterThanOrEqualTo(least), "records that Erlang makes");
        List<string> faults = [];
        foreach (string[] line in lines.Select(line => line.Split('\t')))
        {
            byte[] bytes = Convert.FromBase64String(line[2]);
            string where = $"{Path.GetFileName(line[0])} #{line[1]}{{}}";
            if (contracts.Find(spaces[line[0]], line[1]) is not { } contract)
                faults.Add($"{where}: no contract");
            else if (CompiledContracts.Again(contract, bytes, out string? error) is not { } again)
                faults.Add($"{where}: {error}");
            else if (!again.AsSpan().SequenceEqual(bytes))
                faults.Add($"{where}: {Convert.ToHexString(again)} instead of {Convert.ToHexString(bytes)}");
        }

        TestContext.Out.WriteLine($"{application}: {files.Length} files, {lines.Length} records");
        Assert.That(faults, Is.Empty);
    }

    private static IEnumerable<string> Sources(string folder, string pattern) =>
        Directory.Exists(folder) ? Directory.EnumerateFiles(folder, pattern).Order(StringComparer.Ordinal) : [];

    private static async Task<string> Erlang(string program, params string[] arguments)
    {
        using Process process = OtpInstallation.Start(program, OtpInstallation.FreePort(), arguments);
        process.StandardInput.Close();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.That(process.ExitCode, Is.Zero, await errors);
        return output;
    }
}
