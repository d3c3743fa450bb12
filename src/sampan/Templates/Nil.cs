using System.Collections.ObjectModel;

namespace Sampan.Cli.Templates;

/// <summary>What Go calls nil, by its kind: each is false and null in JSON, but is printed as <c>&lt;nil&gt;</c>, <c>[]</c> or <c>map[]</c>.</summary>
internal static class Nil
{
    public static readonly object Pointer = new NilPointer();
    public static readonly object List = new NilList();
    public static readonly object Map = new NilMap();

    public static bool Is(object? value) => value is null or NilPointer or NilList or NilMap;

    private sealed class NilPointer : ITemplateObject
    {
        public string Kind => "nil";

        public bool TryGet(string name, IReadOnlyList<object?> arguments, out object? value)
        {
            value = null;
            return false;
        }

        public string ToJson() => "null";

        public string Print() => "<nil>";
    }

    private sealed class NilList() : ReadOnlyCollection<object?>([]);

    private sealed class NilMap() : ReadOnlyDictionary<string, object?>(new Dictionary<string, object?>(StringComparer.Ordinal));
}
