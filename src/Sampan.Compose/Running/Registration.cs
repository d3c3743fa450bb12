using System.Globalization;
using System.Text;
using Sampan.Compose.Documents;
using Sampan.Compose.Model;
using Sampan.Compose.Schema;
using Sampan.DockerApi.Digests;

namespace Sampan.Compose.Running;

/// <summary>
/// The labels by which a service's containers register: as those that share a virtual address, and with the gateway. They are part
/// of no hash, which docker's tool would not understand; the planner compares them by themselves.
/// </summary>
internal static class Registration
{
    /// <summary>The label with <see cref="Mark"/>.</summary>
    public const string MarkLabel = "sampan.compose.registration";

    private const string ServiceLabel = "sampan.service";
    private const string GatewayPrefix = "sampan.gateway.";

    /// <summary>All such labels of a service: those that its keys mean, and those that the file says itself, which count more.</summary>
    public static IReadOnlyDictionary<string, string> Of(Project project, Service service)
    {
        var labels = service.Tree.Pairs("labels").Where(l => IsOne(l.Key)).ToDictionary(StringComparer.Ordinal);
        if (service.IsVirtual) labels.TryAdd(ServiceLabel, $"{project.Name}_{service.Name}");
        var routes = service.Tree.Maps(GatewaySchema.Key).ToList();
        for (int i = 0; i < routes.Count; i++)
        {
            string prefix = routes.Count == 1 ? GatewayPrefix : string.Create(CultureInfo.InvariantCulture, $"{GatewayPrefix}{i + 1}.");
            foreach (var member in routes[i].Members.Where(m => !m.Value.IsNull))
                labels.TryAdd(prefix + member.Key, member.Value is Sequence list ? string.Join(',', list.Items.OfType<Scalar>().Select(s => s.Text)) : ((Scalar)member.Value).Text);
            // A route that says nothing is one for all.
            if (routes[i].Members.All(m => m.Value.IsNull)) labels.TryAdd(prefix + "path", "/");
        }
        return labels;
    }

    /// <summary>Whether a label is one by which a container registers.</summary>
    public static bool IsOne(string label) => label == ServiceLabel || label.StartsWith(ServiceLabel + ".", StringComparison.Ordinal) || label.StartsWith(GatewayPrefix, StringComparison.Ordinal);

    /// <summary>What a container remembers of how it registered; null: not at all.</summary>
    public static string? Mark(IReadOnlyDictionary<string, string> labels) => labels.Count == 0 ? null
        : Convert.ToHexStringLower(Sha2.Sha256(Encoding.UTF8.GetBytes(string.Join('\n', labels.OrderBy(l => l.Key, StringComparer.Ordinal).Select(l => $"{l.Key}={l.Value}")))));
}
