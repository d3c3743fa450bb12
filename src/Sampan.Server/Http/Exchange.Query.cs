using System.Globalization;
using Sampan.Engine;

namespace Sampan.Server.Http;

internal sealed partial class Exchange
{
    /// <summary>A query parameter; null: absent or empty.</summary>
    internal string? Query(string name)
    {
        var value = Http.Request.Query[name];
        return value.Count == 0 || string.IsNullOrEmpty(value[0]) ? null : value[0];
    }

    /// <summary>Every value of a query parameter that may be repeated.</summary>
    internal IReadOnlyList<string> QueryAll(string name) =>
        [.. Http.Request.Query[name].Where(v => !string.IsNullOrEmpty(v)).Select(v => v ?? "")];

    /// <summary>A flag by Docker's rule: absent, empty, <c>0</c>, <c>no</c>, <c>false</c> and <c>none</c> are false, anything else is true.</summary>
    internal bool Flag(string name, bool whenAbsent = false) => Query(name) switch
    {
        null => whenAbsent && !Http.Request.Query.ContainsKey(name),
        var text => text.Trim().ToLowerInvariant() is not ("0" or "no" or "false" or "none"),
    };

    /// <summary>A flag that must be one, for the few parameters where Docker insists; null: absent.</summary>
    /// <exception cref="EngineException"><see cref="ErrorKind.InvalidArgument"/>: something else.</exception>
    internal bool? StrictFlag(string name) => Query(name) switch
    {
        null => null,
        "1" or "t" or "T" or "true" or "TRUE" or "True" => true,
        "0" or "f" or "F" or "false" or "FALSE" or "False" => false,
        var text => throw new EngineException(ErrorKind.InvalidArgument, $"invalid value for {name}: {text}"),
    };

    /// <summary>A whole number; null: absent.</summary>
    /// <exception cref="EngineException"><see cref="ErrorKind.InvalidArgument"/>: not a number.</exception>
    internal long? Number(string name)
    {
        if (Query(name) is not { } text)
            return null;
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new EngineException(ErrorKind.InvalidArgument, $"invalid value '{text}' of query parameter '{name}': expected a whole number");
    }

    /// <summary>A number of seconds for a wait; null: absent; -1: for ever.</summary>
    internal int? Seconds(string name) => Number(name) switch
    {
        null => null,
        < 0 => -1,
        > int.MaxValue => -1,
        var seconds => (int)seconds,
    };

    /// <summary>A point in time by Docker's rule; null: absent, or 0.</summary>
    internal DateTimeOffset? Moment(string name)
    {
        if (Query(name) is not { } text || text == "0")
            return null;
        return Timestamp.TryParse(text, out var moment)
            ? moment
            : throw new EngineException(ErrorKind.InvalidArgument, $"invalid value '{text}' of query parameter '{name}': expected a Unix time such as '1700000000.5' or an RFC 3339 time");
    }
}
