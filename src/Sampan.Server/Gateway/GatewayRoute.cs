namespace Sampan.Server.Gateway;

/// <summary>A host and the beginning of paths that lead to a service's containers.</summary>
/// <param name="Host">As in <see cref="GatewayRule.Hosts"/>.</param>
/// <param name="Path">As in <see cref="GatewayRule.Path"/>.</param>
/// <param name="Service">Whose they are.</param>
/// <param name="Rule">The rule of its oldest container.</param>
/// <param name="Replicas">Those who are up and, as far as the engine knows, well.</param>
internal sealed record GatewayRoute(string Host, string Path, string Service, GatewayRule Rule, IReadOnlyList<Replica> Replicas)
{
    /// <summary>Whether a path is below this one's, part by part.</summary>
    internal bool Leads(string path) =>
        Path.Length == 0 || (path.StartsWith(Path, StringComparison.Ordinal) && (path.Length == Path.Length || path[Path.Length] == '/'));

    /// <summary>
    /// The one to ask next: of two by chance, the one with less to do. Those who could not be reached lately are asked if there is
    /// nobody else.
    /// </summary>
    /// <param name="tried">Those who were asked already.</param>
    internal Replica? Choose(IReadOnlyCollection<Replica> tried)
    {
        List<Replica> left = [.. Replicas.Where(r => !r.IsRetired && !tried.Contains(r))];
        var well = left.FindAll(r => r.IsWell);
        var among = well.Count > 0 ? well : left;
        if (among.Count < 2)
            return among.FirstOrDefault();
        var first = Random.Shared.Next(among.Count);
        var second = (first + 1 + Random.Shared.Next(among.Count - 1)) % among.Count;
        return among[first].Running <= among[second].Running ? among[first] : among[second];
    }
}
