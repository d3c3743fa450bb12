using Sampan.Build.Parsing;

namespace Sampan.Build.Execution;

/// <summary><c>--chmod</c>: octal (<c>0755</c>) or as chmod(1) has it (<c>u=rwX,go-w</c>).</summary>
internal static class FileModes
{
    /// <summary>What it does to permissions.</summary>
    /// <exception cref="DockerfileException">It is neither.</exception>
    internal static Func<UnixFileMode, bool, UnixFileMode> Parse(string text, SourcePlace place)
    {
        if (text.Length is > 0 and <= 5 && text.All(c => c is >= '0' and <= '7'))
        {
            var mode = Convert.ToInt32(text, 8);
            return mode <= 0xfff ? (_, _) => (UnixFileMode)mode : throw Wrong(text, place);
        }
        var clauses = text.Split(',').Select(clause => Clause(clause, text, place)).ToList();
        return (mode, isDirectory) => clauses.Aggregate(mode, (now, clause) => clause(now, isDirectory));
    }

    // "who" and then one or more of "+rw", "-x", "=u"; after the operator permissions, or whose are taken over.
    private static Func<UnixFileMode, bool, UnixFileMode> Clause(string clause, string text, SourcePlace place)
    {
        var at = clause.IndexOfAny(['+', '-', '=']);
        if (at < 0 || clause[..at].Any(c => !"ugoa".Contains(c)))
            throw Wrong(text, place);
        var who = at == 0 ? "a" : clause[..at];
        var actions = new List<(char Operation, string Permissions)>();
        while (at < clause.Length)
        {
            var next = clause.IndexOfAny(['+', '-', '='], at + 1);
            var permissions = clause[(at + 1)..(next < 0 ? clause.Length : next)];
            if (permissions is not ("u" or "g" or "o") && permissions.Any(c => !"rwxXst".Contains(c)))
                throw Wrong(text, place);
            actions.Add((clause[at], permissions));
            at = next < 0 ? clause.Length : next;
        }
        return (mode, isDirectory) => actions.Aggregate(mode, (now, action) => Act(now, isDirectory, who, action.Operation, action.Permissions));
    }

    private static UnixFileMode Act(UnixFileMode mode, bool isDirectory, string who, char operation, string permissions)
    {
        var (mask, bits) = (0, 0);
        var executes = isDirectory || ((int)mode & 0x49) != 0;
        foreach (var (name, shift, special) in new[] { ('u', 6, 0x800), ('g', 3, 0x400), ('o', 0, 0) })
        {
            if (!who.Contains(name) && !who.Contains('a'))
                continue;
            mask |= 7 << shift | special;
            foreach (var permission in permissions)
            {
                bits |= permission switch
                {
                    'r' => 4 << shift,
                    'w' => 2 << shift,
                    'x' => 1 << shift,
                    'X' => executes ? 1 << shift : 0,
                    'u' => ((int)mode >> 6 & 7) << shift,
                    'g' => ((int)mode >> 3 & 7) << shift,
                    'o' => ((int)mode & 7) << shift,
                    's' => special,
                    _ => 0x200,
                };
            }
        }
        return (UnixFileMode)(operation switch
        {
            '+' => (int)mode | bits,
            '-' => (int)mode & ~bits,
            _ => (int)mode & ~mask | bits,
        });
    }

    private static DockerfileException Wrong(string text, SourcePlace place) => new($"invalid chmod parameter: '{text}'. it should be octal string and between 0 and 07777, or as in chmod(1)", place);
}
