using Sampan.Engine.Containers;
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
    public void Labels_of_an_image_never_configure_the_engine()
    {
        // CVE-2026-53488: an image's label became the container's log driver.
        var hostile = Image with { Labels = new Dictionary<string, string> { ["log-uri"] = "binary:///bin/sh", ["io.containerd.log"] = "x" } };
        var spec = ImageMerge.Apply(new ContainerSpec { Image = "x" }, hostile);
        spec.Log.Driver.ShouldBeNull();
        spec.Annotations.ShouldBeEmpty();
        spec.Runtime.ShouldBeNull();
    }
}
