using Sampan.Engine.Containers.Wishes;
using Sampan.Oci.Images;

namespace Sampan.Engine.Tests.Containers;

public sealed class ImageMergeTests
{
    private static readonly ImageDefaults Image = new()
    {
        Cmd = ["serve"],
        Entrypoint = ["/entry"],
        Env = ["PATH=/bin", "A=image"],
        User = "www",
        WorkingDir = "/srv",
        Labels = new Dictionary<string, string> { ["a"] = "image", ["b"] = "image" },
        ExposedPorts = ["80/tcp", "90-91/udp"],
        Volumes = ["/data"],
        StopSignal = "SIGQUIT",
    };

    [Fact]
    public void Nothing_said_is_what_the_image_says()
    {
        var spec = ImageMerge.Apply(new ContainerSpec { Image = "x" }, Image);
        spec.Entrypoint.ShouldBe(["/entry"]);
        spec.Command.ShouldBe(["serve"]);
        spec.User.ShouldBe("www");
        spec.WorkingDirectory.ShouldBe("/srv");
        spec.StopSignal.ShouldBe("SIGQUIT");
        spec.ExposedPorts.Select(p => p.ToString()).ShouldBe(["80/tcp", "90/udp", "91/udp"]);
        spec.AnonymousVolumes.ShouldBe(["/data"]);
    }

    [Fact]
    public void Own_command_keeps_the_images_entry_point() =>
        ImageMerge.Apply(new ContainerSpec { Image = "x", Command = ["other"] }, Image).ShouldSatisfyAllConditions(s => s.Entrypoint.ShouldBe(["/entry"]), s => s.Command.ShouldBe(["other"]));

    [Fact]
    public void Own_entry_point_drops_the_images_command()
    {
        var spec = ImageMerge.Apply(new ContainerSpec { Image = "x", Entrypoint = ["/mine"] }, Image);
        spec.Entrypoint.ShouldBe(["/mine"]);
        spec.Command.ShouldBeNull();
    }

    [Fact]
    public void Users_variables_and_labels_win()
    {
        var spec = ImageMerge.Apply(new ContainerSpec { Image = "x", Env = ["A=mine", "B=2"], Labels = new Dictionary<string, string> { ["a"] = "mine" } }, Image);
        spec.Env.ShouldBe(["A=mine", "B=2", "PATH=/bin"]);
        spec.Labels["a"].ShouldBe("mine");
        spec.Labels["b"].ShouldBe("image");
    }

    [Fact]
    public void CVE_2026_53488_labels_of_an_image_never_configure_the_engine()
    {
        // An image's label became the container's log driver; here labels say whose service it is, and which names the gateway leads to it.
        string[] ours = ["sampan.service", "sampan.service.drain", "sampan.gateway.host", "sampan.gateway.a.path", "sampan.compose.registration", "io.sampan.restart-delay", "io.sampan.build"];
        var hostile = Image with { Labels = ours.Append("log-uri").Append("io.sampan.restart-on-unhealthy").ToDictionary(label => label, _ => "binary:///bin/sh") };

        var spec = ImageMerge.Apply(new ContainerSpec { Image = "x" }, hostile);
        spec.Labels.Keys.ShouldBe(["log-uri", "io.sampan.restart-on-unhealthy"]);
        spec.Log.Driver.ShouldBeNull();
        spec.Annotations.ShouldBeEmpty();
        spec.Runtime.ShouldBeNull();

        ImageMerge.Apply(new ContainerSpec { Image = "x", Labels = new Dictionary<string, string> { ["sampan.service"] = "mine" } }, hostile).Labels["sampan.service"].ShouldBe("mine");
    }
}
