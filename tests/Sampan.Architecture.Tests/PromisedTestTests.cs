using System.Text.RegularExpressions;

namespace Sampan.Architecture.Tests;

/// <summary>docs/security.md promises a test for each attack, docs/reliability.md one for each fault: those they name are there.</summary>
public sealed partial class PromisedTestTests
{
    [Theory]
    [InlineData("security.md")]
    [InlineData("reliability.md")]
    public void Each_test_that_a_page_names_is_there(string page)
    {
        var tests = Tests();
        var named = Named(page).ToList();
        named.Count(name => name.Test.Length > 0).ShouldBeGreaterThan(10);
        var missing = named.Where(name => !tests.TryGetValue(name.Class, out var there) || (name.Test.Length > 0 && !there.Exists(test => name.IsBeginning ? test.StartsWith(name.Test, StringComparison.Ordinal) : test == name.Test)))
            .Select(name => $"{name.Class}.{name.Test}").Distinct(StringComparer.Ordinal);

        missing.ShouldBeEmpty();
    }

    [Fact]
    public void Each_test_that_bears_the_number_of_an_attack_is_named_by_it_in_the_tables()
    {
        var tables = File.ReadAllText(Path.Combine(Repository.Root, "docs", "security.md"));
        var unnamed = Tests().SelectMany(tests => tests.Value.SelectMany(test => Number().Matches(test).Select(match => match.Value.Replace('_', '-'))))
            .Distinct(StringComparer.Ordinal).Where(number => !tables.Contains(number, StringComparison.Ordinal));

        unnamed.ShouldBeEmpty();
    }

    // `Class.Test`, `Class.Beginning_*` or `Class.Beginning_…`, `Class`; a name without a class belongs to the class before it: `Class.One_*`, `.Two_*`.
    private static IEnumerable<(string Class, string Test, bool IsBeginning)> Named(string page)
    {
        var last = "";
        foreach (Match match in Name().Matches(File.ReadAllText(Path.Combine(Repository.Root, "docs", page))))
        {
            last = match.Groups["class"] is { Success: true, Value: var type } ? type : last;
            yield return (last, match.Groups["test"].Value, match.Groups["more"].Value.Length > 0);
        }
    }

    // Both kinds of names of partial classes and of bases whose tests others inherit are under the name that is written.
    private static Dictionary<string, List<string>> Tests()
    {
        var tests = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var text in Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests"), "*.cs", SearchOption.AllDirectories).Where(file => !file.Contains("/obj/", StringComparison.Ordinal)).Select(File.ReadAllText))
        {
            if (Class().Match(text) is not { Success: true } type)
                continue;
            if (!tests.TryGetValue(type.Groups["name"].Value, out var there))
                tests[type.Groups["name"].Value] = there = [];
            there.AddRange(Method().Matches(text).Select(match => match.Groups["name"].Value));
        }

        return tests;
    }

    [GeneratedRegex(@"`(?<class>[A-Z]\w+(?:Tests|Contract|Properties))?(?:\.(?<test>[A-Z]\w*)(?<more>[*…])?)?`|`(?<test>CVE_\w+)(?<more>\*)`", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Name();

    [GeneratedRegex(@"\bclass (?<name>\w+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Class();

    [GeneratedRegex(@"public (async )?(Task|void|ValueTask) (?<name>\w+)\(", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Method();

    [GeneratedRegex(@"CVE_\d{4}_\d+", RegexOptions.None, 1000)]
    private static partial Regex Number();
}
