namespace Sampan.Engine.Containers.Endpoints;

/// <summary>A container and what another one calls it: <c>--link db:database</c>.</summary>
/// <param name="Container">Its name or id.</param>
/// <param name="Alias">What it is called.</param>
public readonly record struct LinkName(string Container, string Alias)
{
    /// <summary>Reads <c>db:database</c>; <c>db</c> alone is also what it is called. What inspect shows can be said again: <c>/db:/web/database</c>. Of more than two parts none is a name.</summary>
    public static LinkName Parse(string link)
    {
        var parts = link.Split(':');
        var name = parts[0].TrimStart('/');
        if (parts.Length > 2)
            return new LinkName(name, "");
        return new LinkName(name, parts.Length == 2 && parts[1].Length > 0 ? parts[1][(parts[1].LastIndexOf('/') + 1)..] : name);
    }
}
