namespace Sampan.BuildKit.Sessions;

/// <summary>What a client says of the session that it opens, in headers.</summary>
public sealed record SessionFacts
{
    private const string Prefix = "X-Docker-Expose-Session-";
    private const int MaxText = 512;
    private const int MaxMethods = 64;

    /// <summary>The name by which a build asks for it.</summary>
    public required string Id { get; init; }

    /// <summary>What people call it, such as the context's directory.</summary>
    public string Name { get; init; } = "";

    /// <summary>The same for each session of one directory on one machine; empty: nothing is known from before.</summary>
    public string SharedKey { get; init; } = "";

    /// <summary>Methods that the client serves, as <c>/package.Service/Method</c>.</summary>
    public IReadOnlySet<string> Methods { get; init; } = new HashSet<string>();

    /// <summary>Reads them.</summary>
    /// <param name="header">All values of a header, by its name in any case.</param>
    /// <exception cref="SessionRefusedException">They are missing or too many.</exception>
    public static SessionFacts Read(Func<string, IEnumerable<string?>> header)
    {
        var methods = header(Prefix + "Grpc-Method").OfType<string>().Take(MaxMethods + 1).ToList();
        if (methods.Count > MaxMethods || methods.Exists(method => method.Length > MaxText))
            throw new SessionRefusedException($"a session with more than {MaxMethods} methods, or one longer than {MaxText} characters");
        var facts = new SessionFacts { Id = One("Uuid"), Name = One("Name"), SharedKey = One("Sharedkey"), Methods = methods.ToHashSet(StringComparer.Ordinal) };
        return facts.Id.Length > 0 ? facts : throw new SessionRefusedException($"a session needs the header {Prefix}Uuid");

        string One(string name)
        {
            var value = header(Prefix + name).FirstOrDefault() ?? "";
            return value.Length <= MaxText ? value : throw new SessionRefusedException($"the header {Prefix}{name} is longer than {MaxText} characters");
        }
    }
}
