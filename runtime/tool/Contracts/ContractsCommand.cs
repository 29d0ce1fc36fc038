using System.CommandLine;
using CloudScale.Tool.Contracts.Erlang;

namespace CloudScale.Tool.Contracts;

/// <summary><c>cloudscale contracts</c>: contracts from Erlang's declarations, and declarations from contracts.</summary>
internal static class ContractsCommand
{
    public static Command Create() =>
        new("contracts", "Contracts from Erlang's declarations, and declarations from contracts.") { Import() };

    private static Command Import()
    {
        Argument<FileInfo[]> files = new("file")
        {
            Description = "A .hrl, .erl or .beam file (with debug_info).",
            Arity = ArgumentArity.OneOrMore,
        };
        Option<string> space = new("--namespace") { Description = "Of the contracts.", DefaultValueFactory = _ => "Contracts" };
        Option<FileInfo?> output = new("--output", "-o") { Description = "The C# file; standard output by default." };
        Option<string[]> include = new("--include", "-I")
        {
            Description = "Where included files are looked for.",
            DefaultValueFactory = _ => [],
        };
        Option<DirectoryInfo?> library = new("--lib")
        {
            Description = "Where applications lie, for -include_lib: the lib folder of an Erlang installation.",
        };
        Command command = new("import", "Writes C# contracts for records, types and results of functions.")
        {
            files,
            space,
            output,
            include,
            library,
        };
        command.SetAction(result =>
        {
            try
            {
                Preprocessor preprocessor = new(result.GetValue(include)!, result.GetValue(library)?.FullName);
                FileInfo[] sources = result.GetValue(files)!;
                string text = Importer.Import([.. sources.Select(file => file.FullName)], preprocessor, result.GetValue(space)!);
                foreach (string missing in preprocessor.Missing)
                    Console.Error.WriteLine(
                        $"warning: {missing} was not found; name its folder with --include, or with --lib where it is an -include_lib"
                    );
                if (result.GetValue(output) is { } target)
                    File.WriteAllText(target.FullName, text);
                else
                    Console.Out.Write(text);
                return 0;
            }
            catch (Exception e) when (e is SourceException or InvalidDataException or IOException or UnauthorizedAccessException)
            {
                Console.Error.WriteLine($"error: {e.Message}");
                return 1;
            }
        });
        return command;
    }
}

/// <summary>From files to the text of contracts.</summary>
internal static class Importer
{
    public static string Import(IReadOnlyList<string> files, Preprocessor preprocessor, string space)
    {
        Declarations declarations = new();
        foreach (string file in files)
            declarations.Add(Path.GetExtension(file) == ".beam" ? BeamFile.Read(file) : SourceFile.Read(file, preprocessor));
        return ContractFile.Write(declarations, string.Join(", ", files.Select(Path.GetFileName)), space);
    }
}
