using System.Diagnostics;
using CloudScale.Serialization.Etf;
using CloudScale.Testing;
using CloudScale.Tool.Contracts;
using CloudScale.Tool.Contracts.Erlang;

namespace CloudScale.Tool.Tests;

/// <summary>
/// All of an application of OTP, imported: it compiles, and each record that Erlang makes is read and written back byte for byte, and goes as a contract to a real node and comes back.
/// </summary>
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
    [Explicit("Minutes an application.")]
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
        string[] texts = [.. files.Select(file => Importer.Import([file], new Preprocessor([], library), spaces[file]))];
        CompiledContracts contracts = CompiledContracts.Compile(texts);

        string script = Path.Combine(AppContext.BaseDirectory, "Erlang", "records.escript");
        string[] lines = (await Erlang("escript", [script, .. files])).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.That(lines, Has.Length.GreaterThanOrEqualTo(least), "records that Erlang makes");
        List<string> faults = [];
        List<(string Where, object Value, byte[] Bytes)> read = [];
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
            else
                read.Add((where, CompiledContracts.Read(contract, bytes, out _)!, bytes));
        }

        Assert.That(faults, Is.Empty);
        await SendThereAndBack(read);
        TestContext.Out.WriteLine(Figures(application, library, files, texts, contracts) + $"; {read.Count} records there and back");
    }

    /// <summary>Sends each record as its contract to a real node, which compares it with its own, and says it back.</summary>
    private static async Task SendThereAndBack(List<(string Where, object Value, byte[] Bytes)> records)
    {
        const string There = "records@127.0.0.1";
        await using RealEpmd epmd = await RealEpmd.StartAsync();
        await using ErlangNode theirs = await ErlangNode.StartAsync(There, "a-cookie-of-its-own", epmd.Port);
        await using Node ours = await Node.StartAsync(
            new NodeOptions
            {
                Name = "importer@127.0.0.1",
                Cookie = "a-cookie-of-its-own",
                EpmdPort = epmd.Port,
                StartEpmd = false,
            }
        );
        string file = Path.GetTempFileName();
        try
        {
            await File.WriteAllLinesAsync(file, records.Select(record => Convert.ToBase64String(record.Bytes)));
            await theirs.EvalAsync(
                $$"""
                (fun() -> {ok, B} = file:read_file("{{file}}"),
                  Own = list_to_tuple([binary_to_term(base64:decode(L)) || L <- binary:split(B, <<"\n">>, [global, trim_all])]),
                  register(records, spawn(fun F() -> receive {From, I, T} -> From ! {I, T =:= element(I + 1, Own), T}, F() end end)), ok end)()
                """.ReplaceLineEndings(" ")
            );
        }
        finally
        {
            File.Delete(file);
        }

        TaskCompletionSource<List<string>> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        ours.Spawn(async self =>
        {
            for (int i = 0; i < records.Count; i++)
                self.Send((Atom)"records", (Atom)There, Tuple.Of(self.Pid, (long)i, records[i].Value));
            List<string> faults = [];
            for (int i = 0; i < records.Count; i++)
            {
                Tuple answer = await self.Receive<Tuple>();
                bool isTheirs = Term.AreEqual(answer[1], Atoms.True);
                if (!isTheirs || !ExternalTerm.Encode(answer[2]).AsSpan().SequenceEqual(records[(int)(long)answer[0]].Bytes))
                    faults.Add($"{records[(int)(long)answer[0]].Where}: {Term.Format(answer)}");
            }

            done.SetResult(faults);
        });
        Assert.That(await done.Task.WaitAsync(Eventually.Patience), Is.Empty);
    }

    /// <summary>What was imported, and what was not.</summary>
    private static string Figures(string application, string library, string[] files, string[] texts, CompiledContracts contracts)
    {
        Declarations[] declared =
        [
            .. files.Select(file =>
                Path.GetExtension(file) == ".beam" ? BeamFile.Read(file) : SourceFile.Read(file, new Preprocessor([], library))
            ),
        ];
        int records = declared.Sum(file => file.Records.Count);
        int results = texts.Sum(text => text.Split("What <c>").Length - 1);
        int types = contracts.TopLevel.Count() - records - results;
        int members = contracts.Members.Count();
        int any = contracts.Members.Count(member => member.PropertyType == typeof(object));
        return $"{application}: {files.Length} files; {records} records; {types} of {declared.Sum(file => file.Types.Count)} types; "
            + $"{results} of {declared.Sum(file => file.Specs.Count)} results; {any} of {members} members any term";
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
