using System.Text.RegularExpressions;

namespace Sampan.Architecture.Tests;

/// <summary>The layer table in ARCHITECTURE.md is law: project files may reference what it allows and nothing else.</summary>
public sealed partial class LayerTests
{
    [Fact]
    public void Every_project_stands_in_the_layer_table_and_every_row_is_a_project()
        => LayerTable().Keys.Order(StringComparer.Ordinal).ShouldBe(Repository.SourceProjects().Keys.Order(StringComparer.Ordinal));

    [Fact]
    public void A_project_references_only_what_the_layer_table_allows()
    {
        var allowed = LayerTable();
        var forbidden = Repository.SourceProjects()
            .SelectMany(project => Repository.References(project.Value)
                .Where(reference => !allowed[project.Key].Contains(reference))
                .Select(reference => $"{project.Key} → {reference}"))
            .ToList();

        forbidden.ShouldBeEmpty("ARCHITECTURE.md does not allow these references");
    }

    [Fact]
    public void The_layer_table_has_no_cycle()
    {
        var remaining = LayerTable().ToDictionary(row => row.Key, row => row.Value.ToHashSet(StringComparer.Ordinal), StringComparer.Ordinal);
        while (remaining.Count > 0)
        {
            var leaves = remaining.Where(row => row.Value.Count == 0).Select(row => row.Key).ToList();
            leaves.ShouldNotBeEmpty($"a cycle among {string.Join(", ", remaining.Keys)}");
            foreach (var leaf in leaves)
            {
                remaining.Remove(leaf);
                foreach (var references in remaining.Values)
                {
                    references.Remove(leaf);
                }
            }
        }
    }

    /// <summary>Codecs, linked statically into sampand: no kernel calls, so they stand where they are used.</summary>
    private static readonly string[] Codecs = ["ZstdLibrary.cs", "XzLibrary.cs", "Bzip2Library.cs"];

    [Fact]
    public void Only_Sampan_Linux_imports_native_functions()
        => Repository.SourceFiles()
            .Where(file => !file.Contains("/src/Sampan.Linux/", StringComparison.Ordinal) && !Codecs.Any(codec => file.EndsWith("/src/Sampan.Storage/Archives/" + codec, StringComparison.Ordinal)))
            .Where(file => ImportAttribute().IsMatch(File.ReadAllText(file)))
            .Select(file => Path.GetRelativePath(Repository.Root, file))
            .ShouldBeEmpty("native imports belong into src/Sampan.Linux/Syscalls");

    [Fact]
    public void Only_Sampan_Server_and_sampand_know_AspNetCore()
        => Repository.SourceFiles()
            .Where(file => !file.Contains("/src/Sampan.Server/", StringComparison.Ordinal) && !file.Contains("/src/sampand/", StringComparison.Ordinal))
            .Where(file => File.ReadAllText(file).Contains("using Microsoft.AspNetCore", StringComparison.Ordinal))
            .Select(file => Path.GetRelativePath(Repository.Root, file))
            .ShouldBeEmpty("HTTP is known to Sampan.Server alone");

    /// <summary>A static program loads no library at run time, and the framework's cryptography is OpenSSL's (docs/adr/0010).</summary>
    [Fact]
    public void Nothing_of_the_command_line_needs_OpenSSL()
        => Repository.SourceFiles()
            .Where(file => new[] { "sampan", "Sampan.Compose", "Sampan.DockerApi", "Sampan.Linux", "Sampan.Sequences" }.Any(project => file.Contains($"/src/{project}/", StringComparison.Ordinal)))
            .Where(file => File.ReadAllText(file).Contains("System.Security.Cryptography", StringComparison.Ordinal))
            .Select(file => Path.GetRelativePath(Repository.Root, file))
            .ShouldBeEmpty("hashes: Sampan.DockerApi/Digests; keys: HeldKey");

    [Fact]
    public void No_source_file_is_longer_than_500_lines()
        => Repository.SourceFiles()
            .Select(file => (File: Path.GetRelativePath(Repository.Root, file), Lines: File.ReadLines(file).Count()))
            .Where(entry => entry.Lines > 500)
            .ShouldBeEmpty("split by concern (CONTRIBUTING.md)");

    [Fact]
    public void Every_project_and_test_project_is_in_the_solution()
    {
        var solution = File.ReadAllText(Path.Combine(Repository.Root, "Sampan.slnx"));
        Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.csproj", SearchOption.AllDirectories)
            .Concat(Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests"), "*.csproj", SearchOption.AllDirectories))
            .Select(file => Path.GetRelativePath(Repository.Root, file))
            .Where(path => !solution.Contains($"\"{path}\"", StringComparison.Ordinal))
            .ShouldBeEmpty();
    }

    /// <summary>Rows like <c>| `Sampan.Runtime` | … | Linux, Oci |</c>; a short name means the project <c>Sampan.NAME</c>, <c>–</c> means none.</summary>
    private static Dictionary<string, HashSet<string>> LayerTable()
    {
        var rows = File.ReadLines(Path.Combine(Repository.Root, "ARCHITECTURE.md"))
            .SkipWhile(line => !line.StartsWith("## Layers", StringComparison.Ordinal))
            .Skip(1)
            .TakeWhile(line => !line.StartsWith("## ", StringComparison.Ordinal))
            .Select(line => LayerRow().Match(line))
            .Where(match => match.Success)
            .ToDictionary(
                match => match.Groups["project"].Value,
                match => match.Groups["references"].Value
                    .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                    .Where(name => name != "–")
                    .Select(name => $"Sampan.{name}")
                    .ToHashSet(StringComparer.Ordinal),
                StringComparer.Ordinal);
        rows.ShouldNotBeEmpty("ARCHITECTURE.md has no layer table under '## Layers'");
        return rows;
    }

    [GeneratedRegex(@"^\| `(?<project>[\w.-]+)` \|.*\| (?<references>[^|]+) \|\s*$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex LayerRow();

    [GeneratedRegex(@"\[\s*(LibraryImport|DllImport)\b", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ImportAttribute();
}
