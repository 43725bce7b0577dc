import com.sun.tools.attach.VirtualMachine;
import java.util.Set;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/** Prints the counters of a running Apache Kafka: request, error and count, tab-separated: `ErrorCounts PID`. */
public final class ErrorCounts {
    public static void main(String[] args) throws Exception {
        VirtualMachine machine = VirtualMachine.attach(args[0]);
        try (JMXConnector connector =
                 JMXConnectorFactory.connect(new JMXServiceURL(machine.startLocalManagementAgent()))) {
            MBeanServerConnection beans = connector.getMBeanServerConnection();
            Set<ObjectName> names =
                beans.queryNames(new ObjectName("kafka.network:type=RequestMetrics,name=ErrorsPerSec,*"), null);
            for (ObjectName name : names) {
                System.out.println(name.getKeyProperty("request") + "\t" + name.getKeyProperty("error") + "\t"
                    + beans.getAttribute(name, "Count"));
            }
        } finally {
            machine.detach();
        }
    }
}
