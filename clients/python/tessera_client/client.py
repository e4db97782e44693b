from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any, Optional, Union

from .agent_create import AgentCreate, AgentCreateAgentCreate
from .agent_update import AgentUpdate, AgentUpdateAgentUpdate
from .agents import Agents, AgentsAgents
from .api_token_create import ApiTokenCreate, ApiTokenCreateApiTokenCreate
from .api_token_revoke import ApiTokenRevoke, ApiTokenRevokeApiTokenRevoke
from .api_tokens import ApiTokens, ApiTokensApiTokens
from .article_create import ArticleCreate, ArticleCreateArticleCreate
from .article_forward import ArticleForward, ArticleForwardArticleForward
from .auto_response_create import (
    AutoResponseCreate,
    AutoResponseCreateAutoResponseCreate,
)
from .auto_response_update import (
    AutoResponseUpdate,
    AutoResponseUpdateAutoResponseUpdate,
)
from .base_model import UNSET, UnsetType
from .customer_create import CustomerCreate, CustomerCreateCustomerCreate
from .customer_update import CustomerUpdate, CustomerUpdateCustomerUpdate
from .customer_user_create import (
    CustomerUserCreate,
    CustomerUserCreateCustomerUserCreate,
)
from .customer_user_update import (
    CustomerUserUpdate,
    CustomerUserUpdateCustomerUserUpdate,
)
from .customer_users import CustomerUsers, CustomerUsersCustomerUsers
from .enums import JobState, MailMessageState, QueueRight, TemplateKind
from .group_create import GroupCreate, GroupCreateGroupCreate
from .group_grant_set import GroupGrantSet, GroupGrantSetGroupGrantSet
from .group_update import GroupUpdate, GroupUpdateGroupUpdate
from .groups import Groups, GroupsGroups
from .input_types import (
    AgentCreateInput,
    AgentUpdateInput,
    ArticleInput,
    AutoResponseCreateInput,
    AutoResponseUpdateInput,
    CustomerCreateInput,
    CustomerUpdateInput,
    CustomerUserCreateInput,
    CustomerUserUpdateInput,
    GroupCreateInput,
    GroupUpdateInput,
    MailAccountCreateInput,
    MailAccountUpdateInput,
    MailFilterCreateInput,
    MailFilterUpdateInput,
    QueueCreateInput,
    QueueUpdateInput,
    RoleCreateInput,
    RoleUpdateInput,
    SalutationCreateInput,
    SalutationUpdateInput,
    SignatureCreateInput,
    SignatureUpdateInput,
    SystemAddressCreateInput,
    SystemAddressUpdateInput,
    TemplateCreateInput,
    TemplateUpdateInput,
    TicketCreateInput,
    TicketFilter,
    TicketLinkInput,
    TicketOrder,
    TicketPriorityCreateInput,
    TicketPriorityUpdateInput,
    TicketStateCreateInput,
    TicketStateUpdateInput,
    TicketTypeCreateInput,
    TicketTypeUpdateInput,
    TicketUpdateInput,
)
from .jobs import Jobs, JobsJobs
from .mail_account_create import MailAccountCreate, MailAccountCreateMailAccountCreate
from .mail_account_update import MailAccountUpdate, MailAccountUpdateMailAccountUpdate
from .mail_filter_create import MailFilterCreate, MailFilterCreateMailFilterCreate
from .mail_filter_update import MailFilterUpdate, MailFilterUpdateMailFilterUpdate
from .mail_message_retry import MailMessageRetry, MailMessageRetryMailMessageRetry
from .mail_messages import MailMessages, MailMessagesMailMessages
from .notification_added import NotificationAdded, NotificationAddedNotifications
from .notifications import Notifications, NotificationsViewer
from .notifications_mark_read import (
    NotificationsMarkRead,
    NotificationsMarkReadNotificationsMarkRead,
)
from .queue_create import QueueCreate, QueueCreateQueueCreate
from .queue_update import QueueUpdate, QueueUpdateQueueUpdate
from .queues import Queues, QueuesQueues
from .role_create import RoleCreate, RoleCreateRoleCreate
from .role_update import RoleUpdate, RoleUpdateRoleUpdate
from .roles import Roles, RolesRoles
from .salutation_create import SalutationCreate, SalutationCreateSalutationCreate
from .salutation_update import SalutationUpdate, SalutationUpdateSalutationUpdate
from .server_info import ServerInfo, ServerInfoServerInfo
from .session_create import SessionCreate, SessionCreateSessionCreate
from .session_refresh import SessionRefresh, SessionRefreshSessionRefresh
from .session_revoke import SessionRevoke, SessionRevokeSessionRevoke
from .setting_set import SettingSet, SettingSetSettingSet
from .settings import Settings, SettingsSettings
from .signature_create import SignatureCreate, SignatureCreateSignatureCreate
from .signature_update import SignatureUpdate, SignatureUpdateSignatureUpdate
from .system_address_create import (
    SystemAddressCreate,
    SystemAddressCreateSystemAddressCreate,
)
from .system_address_update import (
    SystemAddressUpdate,
    SystemAddressUpdateSystemAddressUpdate,
)
from .template_create import TemplateCreate, TemplateCreateTemplateCreate
from .template_preview import TemplatePreview, TemplatePreviewTemplatePreview
from .template_update import TemplateUpdate, TemplateUpdateTemplateUpdate
from .templates import Templates, TemplatesTemplates
from .tessera_base import TesseraBase
from .ticket import Ticket, TicketTicket
from .ticket_assign import TicketAssign, TicketAssignTicketAssign
from .ticket_bulk_update import TicketBulkUpdate, TicketBulkUpdateTicketBulkUpdate
from .ticket_by_number import TicketByNumber, TicketByNumberTicketByNumber
from .ticket_changes import TicketChanges, TicketChangesTicketChanges
from .ticket_changes_since import TicketChangesSince, TicketChangesSinceTicketChanges
from .ticket_close import TicketClose, TicketCloseTicketClose
from .ticket_create import TicketCreate, TicketCreateTicketCreate
from .ticket_events import TicketEvents, TicketEventsTicketEvents
from .ticket_link_add import TicketLinkAdd, TicketLinkAddTicketLinkAdd
from .ticket_link_remove import TicketLinkRemove, TicketLinkRemoveTicketLinkRemove
from .ticket_lock import TicketLock, TicketLockTicketLock
from .ticket_mark_seen import TicketMarkSeen, TicketMarkSeenTicketMarkSeen
from .ticket_merge import TicketMerge, TicketMergeTicketMerge
from .ticket_move import TicketMove, TicketMoveTicketMove
from .ticket_priorities import TicketPriorities, TicketPrioritiesTicketPriorities
from .ticket_priority_create import (
    TicketPriorityCreate,
    TicketPriorityCreateTicketPriorityCreate,
)
from .ticket_priority_update import (
    TicketPriorityUpdate,
    TicketPriorityUpdateTicketPriorityUpdate,
)
from .ticket_reopen import TicketReopen, TicketReopenTicketReopen
from .ticket_split import TicketSplit, TicketSplitTicketSplit
from .ticket_state_create import TicketStateCreate, TicketStateCreateTicketStateCreate
from .ticket_state_update import TicketStateUpdate, TicketStateUpdateTicketStateUpdate
from .ticket_states import TicketStates, TicketStatesTicketStates
from .ticket_tags_add import TicketTagsAdd, TicketTagsAddTicketTagsAdd
from .ticket_tags_remove import TicketTagsRemove, TicketTagsRemoveTicketTagsRemove
from .ticket_type_create import TicketTypeCreate, TicketTypeCreateTicketTypeCreate
from .ticket_type_update import TicketTypeUpdate, TicketTypeUpdateTicketTypeUpdate
from .ticket_types import TicketTypes, TicketTypesTicketTypes
from .ticket_unlock import TicketUnlock, TicketUnlockTicketUnlock
from .ticket_unwatch import TicketUnwatch, TicketUnwatchTicketUnwatch
from .ticket_update import TicketUpdate, TicketUpdateTicketUpdate
from .ticket_watch import TicketWatch, TicketWatchTicketWatch
from .tickets import Tickets, TicketsTickets
from .viewer import Viewer, ViewerViewer


def gql(q: str) -> str:
    return q


class TesseraClient(TesseraBase):
    async def group_create(
        self, input: GroupCreateInput, **kwargs: Any
    ) -> GroupCreateGroupCreate:
        query = gql("""
            mutation GroupCreate($input: GroupCreateInput!) {
              groupCreate(input: $input) {
                group {
                  ...GroupFields
                }
                userErrors {
                  ...UserErrorFields
                }
              }
            }

            fragment GroupFields on Group {
              id
              name
              active
              version
            }

            fragment UserErrorFields on UserError {
              message
              code
              field
              reason
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query, operation_name="GroupCreate", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return GroupCreate.model_validate(data).group_create

    async def group_update(
        self,
        id: str,
        input: GroupUpdateInput,
        expected_version: Union[Optional[int], UnsetType] = UNSET,
        **kwargs: Any,
    ) -> GroupUpdateGroupUpdate:
        query = gql("""
            mutation GroupUpdate($id: ID!, $input: GroupUpdateInput!, $expectedVersion: Int) {
              groupUpdate(id: $id, input: $input, expectedVersion: $expectedVersion) {
                group {
                  ...GroupFields
                }
                userErrors {
                  ...UserErrorFields
                }
              }
            }

            fragment GroupFields on Group {
              id
              name
              active
              version
            }

            fragment UserErrorFields on UserError {
              message
              code
              field
              reason
            }
            """)
        variables: dict[str, object] = {
            "id": id,
            "input": input,
            "expectedVersion": expected_version,
        }
        response = await self.execute(
            query=query, operation_name="GroupUpdate", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return GroupUpdate.model_validate(data).group_update

    async def role_create(
        self, input: RoleCreateInput, **kwargs: Any
    ) -> RoleCreateRoleCreate:
        query = gql("""
            mutation RoleCreate($input: RoleCreateInput!) {
              roleCreate(input: $input) {
                role {
                  ...RoleFields
                }
                userErrors {
                  ...UserErrorFields
                }
              }
            }

            fragment RoleFields on Role {
              id
              name
              active
              permissions
              grants {
                group {
                  id
                  name
                }
                rights
              }
              version
            }

            fragment UserErrorFields on UserError {
              message
              code
              field
              reason
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query, operation_name="RoleCreate", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return RoleCreate.model_validate(data).role_create

    async def role_update(
        self,
        id: str,
        input: RoleUpdateInput,
        expected_version: Union[Optional[int], UnsetType] = UNSET,
        **kwargs: Any,
    ) -> RoleUpdateRoleUpdate:
        query = gql("""
            mutation RoleUpdate($id: ID!, $input: RoleUpdateInput!, $expectedVersion: Int) {
              roleUpdate(id: $id, input: $input, expectedVersion: $expectedVersion) {
                role {
                  ...RoleFields
                }
                userErrors {
                  ...UserErrorFields
                }
              }
            }

            fragment RoleFields on Role {
              id
              name
              active
              permissions
              grants {
                group {
                  id
                  name
                }
                rights
              }
              version
            }

            fragment UserErrorFields on UserError {
              message
              code
              field
              reason
            }
            """)
        variables: dict[str, object] = {
            "id": id,
            "input": input,
            "expectedVersion": expected_version,
        }
        response = await self.execute(
            query=query, operation_name="RoleUpdate", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return RoleUpdate.model_validate(data).role_update

    async def group_grant_set(
        self, holder_id: str, group_id: str, rights: list[QueueRight], **kwargs: Any
    ) -> GroupGrantSetGroupGrantSet:
        query = gql("""
            mutation GroupGrantSet($holderId: ID!, $groupId: ID!, $rights: [QueueRight!]!) {
              groupGrantSet(holderId: $holderId, groupId: $groupId, rights: $rights) {
                role {
                  ...RoleFields
                }
                agent {
                  ...AgentFields
                }
                userErrors {
                  ...UserErrorFields
                }
              }
            }

            fragment AgentFields on Agent {
              id
              login
              name
            }

            fragment RoleFields on Role {
              id
              name
              active
              permissions
              grants {
                group {
                  id
                  name
                }
                rights
              }
              version
            }

            fragment UserErrorFields on UserError {
              message
              code
              field
              reason
            }
            """)
        variables: dict[str, object] = {
            "holderId": holder_id,
            "groupId": group_id,
            "rights": rights,
        }
        response = await self.execute(
            query=query, operation_name="GroupGrantSet", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return GroupGrantSet.model_validate(data).group_grant_set

    async def agent_create(
        self, input: AgentCreateInput, **kwargs: Any
    ) -> AgentCreateAgentCreate:
        query = gql("""
            mutation AgentCreate($input: AgentCreateInput!) {
              agentCreate(input: $input) {
                agent {
                  ...AgentFields
                  email
                  active
                  locale
                  timezone
                  version
                }
                userErrors {
                  ...UserErrorFields
                }
              }
            }

            fragment AgentFields on Agent {
              id
              login
              name
            }

            fragment UserErrorFields on UserError {
              message
              code
              field
              reason
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query, operation_name="AgentCreate", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return AgentCreate.model_validate(data).agent_create

    async def agent_update(
        self,
        id: str,
        input: AgentUpdateInput,
        expected_version: Union[Optional[int], UnsetType] = UNSET,
        **kwargs: Any,
    ) -> AgentUpdateAgentUpdate:
        query = gql("""
            mutation AgentUpdate($id: ID!, $input: AgentUpdateInput!, $expectedVersion: Int) {
              agentUpdate(id: $id, input: $input, expectedVersion: $expectedVersion) {
                agent {
                  ...AgentFields
                  email
                  active
                  locale
                  timezone
                  version
                }
                userErrors {
                  ...UserErrorFields
                }
              }
            }

            fragment AgentFields on Agent {
              id
              login
              name
            }

            fragment UserErrorFields on UserError {
              message
              code
              field
              reason
            }
            """)
        variables: dict[str, object] = {
            "id": id,
            "input": input,
            "expectedVersion": expected_version,
        }
        response = await self.execute(
            query=query, operation_name="AgentUpdate", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return AgentUpdate.model_validate(data).agent_update

    async def customer_create(
        self, input: CustomerCreateInput, **kwargs: Any
    ) -> CustomerCreateCustomerCreate:
        query = gql("""
            mutation CustomerCreate($input: CustomerCreateInput!) {
              customerCreate(input: $input) {
                customer {
                  id
                  number
                  name
                  active
                  version
                }
                userErrors {
                  ...UserErrorFields
                }
              }
            }

            fragment UserErrorFields on UserError {
              message
              code
              field
              reason
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query, operation_name="CustomerCreate", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return CustomerCreate.model_validate(data).customer_create

    async def customer_update(
        self,
        id: str,
        input: CustomerUpdateInput,
        expected_version: Union[Optional[int], UnsetType] = UNSET,
        **kwargs: Any,
    ) -> CustomerUpdateCustomerUpdate:
        query = gql("""
            mutation CustomerUpdate($id: ID!, $input: CustomerUpdateInput!, $expectedVersion: Int) {
              customerUpdate(id: $id, input: $input, expectedVersion: $expectedVersion) {
                customer {
                  id
                  number
                  name
                  active
                  version
                }
                userErrors {
                  ...UserErrorFields
                }
              }
            }

            fragment UserErrorFields on UserError {
              message
              code
              field
              reason
            }
            """)
        variables: dict[str, object] = {
            "id": id,
            "input": input,
            "expectedVersion": expected_version,
        }
        response = await self.execute(
            query=query, operation_name="CustomerUpdate", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return CustomerUpdate.model_validate(data).customer_update

    async def customer_user_create(
        self, input: CustomerUserCreateInput, **kwargs: Any
    ) -> CustomerUserCreateCustomerUserCreate:
        query = gql("""
            mutation CustomerUserCreate($input: CustomerUserCreateInput!) {
              customerUserCreate(input: $input) {
                customerUser {
                  id
                  login
                  name
                  email
                  phone
                  active
                  locale
                  timezone
                  version
                }
                userErrors {
                  ...UserErrorFields
                }
              }
            }

            fragment UserErrorFields on UserError {
              message
              code
              field
              reason
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query,
            operation_name="CustomerUserCreate",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return CustomerUserCreate.model_validate(data).customer_user_create

    async def customer_user_update(
        self,
        id: str,
        input: CustomerUserUpdateInput,
        expected_version: Union[Optional[int], UnsetType] = UNSET,
        **kwargs: Any,
    ) -> CustomerUserUpdateCustomerUserUpdate:
        query = gql("""
            mutation CustomerUserUpdate($id: ID!, $input: CustomerUserUpdateInput!, $expectedVersion: Int) {
              customerUserUpdate(id: $id, input: $input, expectedVersion: $expectedVersion) {
                customerUser {
                  id
                  login
                  name
                  email
                  phone
                  active
                  locale
                  timezone
                  version
                }
                userErrors {
                  ...UserErrorFields
                }
              }
            }

            fragment UserErrorFields on UserError {
              message
              code
              field
              reason
            }
            """)
        variables: dict[str, object] = {
            "id": id,
            "input": input,
            "expectedVersion": expected_version,
        }
        response = await self.execute(
            query=query,
            operation_name="CustomerUserUpdate",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return CustomerUserUpdate.model_validate(data).customer_user_update

    async def queue_create(
        self, input: QueueCreateInput, **kwargs: Any
    ) -> QueueCreateQueueCreate:
        query = gql("""
            mutation QueueCreate($input: QueueCreateInput!) {
              queueCreate(input: $input) {
                queue {
                  ...QueueFields
                }
                userErrors {
                  ...UserErrorFields
                }
              }
            }

            fragment QueueFields on Queue {
              id
              name
              path
              active
              emailAddress
              followUpPolicy
              parent {
                id
              }
              viewerCan {
                ro
                moveInto
                create
                note
                owner
                priority
                rw
              }
              version
            }

            fragment UserErrorFields on UserError {
              message
              code
              field
              reason
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query, operation_name="QueueCreate", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return QueueCreate.model_validate(data).queue_create

    async def queue_update(
        self,
        id: str,
        input: QueueUpdateInput,
        expected_version: Union[Optional[int], UnsetType] = UNSET,
        **kwargs: Any,
    ) -> QueueUpdateQueueUpdate:
        query = gql("""
            mutation QueueUpdate($id: ID!, $input: QueueUpdateInput!, $expectedVersion: Int) {
              queueUpdate(id: $id, input: $input, expectedVersion: $expectedVersion) {
                queue {
                  ...QueueFields
                }
                userErrors {
                  ...UserErrorFields
                }
              }
            }

            fragment QueueFields on Queue {
              id
              name
              path
              active
              emailAddress
              followUpPolicy
              parent {
                id
              }
              viewerCan {
                ro
                moveInto
                create
                note
                owner
                priority
                rw
              }
              version
            }

            fragment UserErrorFields on UserError {
              message
              code
              field
              reason
            }
            """)
        variables: dict[str, object] = {
            "id": id,
            "input": input,
            "expectedVersion": expected_version,
        }
        response = await self.execute(
            query=query, operation_name="QueueUpdate", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return QueueUpdate.model_validate(data).queue_update

    async def system_address_create(
        self, input: SystemAddressCreateInput, **kwargs: Any
    ) -> SystemAddressCreateSystemAddressCreate:
        query = gql("""
            mutation SystemAddressCreate($input: SystemAddressCreateInput!) {
              systemAddressCreate(input: $input) {
                systemAddress {
                  id
                  address
                  displayName
                  active
                  version
                }
                userErrors {
                  ...UserErrorFields
                }
              }
            }

            fragment UserErrorFields on UserError {
              message
              code
              field
              reason
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query,
            operation_name="SystemAddressCreate",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return SystemAddressCreate.model_validate(data).system_address_create

    async def system_address_update(
        self,
        id: str,
        input: SystemAddressUpdateInput,
        expected_version: Union[Optional[int], UnsetType] = UNSET,
        **kwargs: Any,
    ) -> SystemAddressUpdateSystemAddressUpdate:
        query = gql("""
            mutation SystemAddressUpdate($id: ID!, $input: SystemAddressUpdateInput!, $expectedVersion: Int) {
              systemAddressUpdate(id: $id, input: $input, expectedVersion: $expectedVersion) {
                systemAddress {
                  id
                  address
                  displayName
                  active
                  version
                }
                userErrors {
                  ...UserErrorFields
                }
              }
            }

            fragment UserErrorFields on UserError {
              message
              code
              field
              reason
            }
            """)
        variables: dict[str, object] = {
            "id": id,
            "input": input,
            "expectedVersion": expected_version,
        }
        response = await self.execute(
            query=query,
            operation_name="SystemAddressUpdate",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return SystemAddressUpdate.model_validate(data).system_address_update

    async def salutation_create(
        self, input: SalutationCreateInput, **kwargs: Any
    ) -> SalutationCreateSalutationCreate:
        query = gql("""
            mutation SalutationCreate($input: SalutationCreateInput!) {
              salutationCreate(input: $input) {
                salutation {
                  id
                  name
                  text
                  active
                  version
                }
                userErrors {
                  ...UserErrorFields
                }
              }
            }

            fragment UserErrorFields on UserError {
              message
              code
              field
              reason
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query,
            operation_name="SalutationCreate",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return SalutationCreate.model_validate(data).salutation_create

    async def salutation_update(
        self,
        id: str,
        input: SalutationUpdateInput,
        expected_version: Union[Optional[int], UnsetType] = UNSET,
        **kwargs: Any,
    ) -> SalutationUpdateSalutationUpdate:
        query = gql("""
            mutation SalutationUpdate($id: ID!, $input: SalutationUpdateInput!, $expectedVersion: Int) {
              salutationUpdate(id: $id, input: $input, expectedVersion: $expectedVersion) {
                salutation {
                  id
                  name
                  text
                  active
                  version
                }
                userErrors {
                  ...UserErrorFields
                }
              }
            }

            fragment UserErrorFields on UserError {
              message
              code
              field
              reason
            }
            """)
        variables: dict[str, object] = {
            "id": id,
            "input": input,
            "expectedVersion": expected_version,
        }
        response = await self.execute(
            query=query,
            operation_name="SalutationUpdate",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return SalutationUpdate.model_validate(data).salutation_update

    async def signature_create(
        self, input: SignatureCreateInput, **kwargs: Any
    ) -> SignatureCreateSignatureCreate:
        query = gql("""
            mutation SignatureCreate($input: SignatureCreateInput!) {
              signatureCreate(input: $input) {
                signature {
                  id
                  name
                  text
                  active
                  version
                }
                userErrors {
                  ...UserErrorFields
                }
              }
            }

            fragment UserErrorFields on UserError {
              message
              code
              field
              reason
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query, operation_name="SignatureCreate", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return SignatureCreate.model_validate(data).signature_create

    async def signature_update(
        self,
        id: str,
        input: SignatureUpdateInput,
        expected_version: Union[Optional[int], UnsetType] = UNSET,
        **kwargs: Any,
    ) -> SignatureUpdateSignatureUpdate:
        query = gql("""
            mutation SignatureUpdate($id: ID!, $input: SignatureUpdateInput!, $expectedVersion: Int) {
              signatureUpdate(id: $id, input: $input, expectedVersion: $expectedVersion) {
                signature {
                  id
                  name
                  text
                  active
                  version
                }
                userErrors {
                  ...UserErrorFields
                }
              }
            }

            fragment UserErrorFields on UserError {
              message
              code
              field
              reason
            }
            """)
        variables: dict[str, object] = {
            "id": id,
            "input": input,
            "expectedVersion": expected_version,
        }
        response = await self.execute(
            query=query, operation_name="SignatureUpdate", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return SignatureUpdate.model_validate(data).signature_update

    async def auto_response_create(
        self, input: AutoResponseCreateInput, **kwargs: Any
    ) -> AutoResponseCreateAutoResponseCreate:
        query = gql("""
            mutation AutoResponseCreate($input: AutoResponseCreateInput!) {
              autoResponseCreate(input: $input) {
                autoResponse {
                  id
                  name
                  kind
                  subject
                  text
                  active
                  version
                }
                userErrors {
                  ...UserErrorFields
                }
              }
            }

            fragment UserErrorFields on UserError {
              message
              code
              field
              reason
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query,
            operation_name="AutoResponseCreate",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return AutoResponseCreate.model_validate(data).auto_response_create

    async def auto_response_update(
        self,
        id: str,
        input: AutoResponseUpdateInput,
        expected_version: Union[Optional[int], UnsetType] = UNSET,
        **kwargs: Any,
    ) -> AutoResponseUpdateAutoResponseUpdate:
        query = gql("""
            mutation AutoResponseUpdate($id: ID!, $input: AutoResponseUpdateInput!, $expectedVersion: Int) {
              autoResponseUpdate(id: $id, input: $input, expectedVersion: $expectedVersion) {
                autoResponse {
                  id
                  name
                  kind
                  subject
                  text
                  active
                  version
                }
                userErrors {
                  ...UserErrorFields
                }
              }
            }

            fragment UserErrorFields on UserError {
              message
              code
              field
              reason
            }
            """)
        variables: dict[str, object] = {
            "id": id,
            "input": input,
            "expectedVersion": expected_version,
        }
        response = await self.execute(
            query=query,
            operation_name="AutoResponseUpdate",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return AutoResponseUpdate.model_validate(data).auto_response_update

    async def template_create(
        self, input: TemplateCreateInput, **kwargs: Any
    ) -> TemplateCreateTemplateCreate:
        query = gql("""
            mutation TemplateCreate($input: TemplateCreateInput!) {
              templateCreate(input: $input) {
                template {
                  id
                  name
                  kind
                  subject
                  body
                  active
                  version
                }
                userErrors {
                  ...UserErrorFields
                }
              }
            }

            fragment UserErrorFields on UserError {
              message
              code
              field
              reason
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query, operation_name="TemplateCreate", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return TemplateCreate.model_validate(data).template_create

    async def template_update(
        self,
        id: str,
        input: TemplateUpdateInput,
        expected_version: Union[Optional[int], UnsetType] = UNSET,
        **kwargs: Any,
    ) -> TemplateUpdateTemplateUpdate:
        query = gql("""
            mutation TemplateUpdate($id: ID!, $input: TemplateUpdateInput!, $expectedVersion: Int) {
              templateUpdate(id: $id, input: $input, expectedVersion: $expectedVersion) {
                template {
                  id
                  name
                  kind
                  subject
                  body
                  active
                  version
                }
                userErrors {
                  ...UserErrorFields
                }
              }
            }

            fragment UserErrorFields on UserError {
              message
              code
              field
              reason
            }
            """)
        variables: dict[str, object] = {
            "id": id,
            "input": input,
            "expectedVersion": expected_version,
        }
        response = await self.execute(
            query=query, operation_name="TemplateUpdate", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return TemplateUpdate.model_validate(data).template_update

    async def ticket_state_create(
        self, input: TicketStateCreateInput, **kwargs: Any
    ) -> TicketStateCreateTicketStateCreate:
        query = gql("""
            mutation TicketStateCreate($input: TicketStateCreateInput!) {
              ticketStateCreate(input: $input) {
                ticketState {
                  id
                  name
                  type
                  active
                  version
                }
                userErrors {
                  ...UserErrorFields
                }
              }
            }

            fragment UserErrorFields on UserError {
              message
              code
              field
              reason
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query,
            operation_name="TicketStateCreate",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return TicketStateCreate.model_validate(data).ticket_state_create

    async def ticket_state_update(
        self,
        id: str,
        input: TicketStateUpdateInput,
        expected_version: Union[Optional[int], UnsetType] = UNSET,
        **kwargs: Any,
    ) -> TicketStateUpdateTicketStateUpdate:
        query = gql("""
            mutation TicketStateUpdate($id: ID!, $input: TicketStateUpdateInput!, $expectedVersion: Int) {
              ticketStateUpdate(id: $id, input: $input, expectedVersion: $expectedVersion) {
                ticketState {
                  id
                  name
                  type
                  active
                  version
                }
                userErrors {
                  ...UserErrorFields
                }
              }
            }

            fragment UserErrorFields on UserError {
              message
              code
              field
              reason
            }
            """)
        variables: dict[str, object] = {
            "id": id,
            "input": input,
            "expectedVersion": expected_version,
        }
        response = await self.execute(
            query=query,
            operation_name="TicketStateUpdate",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return TicketStateUpdate.model_validate(data).ticket_state_update

    async def ticket_priority_create(
        self, input: TicketPriorityCreateInput, **kwargs: Any
    ) -> TicketPriorityCreateTicketPriorityCreate:
        query = gql("""
            mutation TicketPriorityCreate($input: TicketPriorityCreateInput!) {
              ticketPriorityCreate(input: $input) {
                ticketPriority {
                  id
                  name
                  rank
                  color
                  active
                  version
                }
                userErrors {
                  ...UserErrorFields
                }
              }
            }

            fragment UserErrorFields on UserError {
              message
              code
              field
              reason
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query,
            operation_name="TicketPriorityCreate",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return TicketPriorityCreate.model_validate(data).ticket_priority_create

    async def ticket_priority_update(
        self,
        id: str,
        input: TicketPriorityUpdateInput,
        expected_version: Union[Optional[int], UnsetType] = UNSET,
        **kwargs: Any,
    ) -> TicketPriorityUpdateTicketPriorityUpdate:
        query = gql("""
            mutation TicketPriorityUpdate($id: ID!, $input: TicketPriorityUpdateInput!, $expectedVersion: Int) {
              ticketPriorityUpdate(id: $id, input: $input, expectedVersion: $expectedVersion) {
                ticketPriority {
                  id
                  name
                  rank
                  color
                  active
                  version
                }
                userErrors {
                  ...UserErrorFields
                }
              }
            }

            fragment UserErrorFields on UserError {
              message
              code
              field
              reason
            }
            """)
        variables: dict[str, object] = {
            "id": id,
            "input": input,
            "expectedVersion": expected_version,
        }
        response = await self.execute(
            query=query,
            operation_name="TicketPriorityUpdate",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return TicketPriorityUpdate.model_validate(data).ticket_priority_update

    async def ticket_type_create(
        self, input: TicketTypeCreateInput, **kwargs: Any
    ) -> TicketTypeCreateTicketTypeCreate:
        query = gql("""
            mutation TicketTypeCreate($input: TicketTypeCreateInput!) {
              ticketTypeCreate(input: $input) {
                ticketType {
                  id
                  name
                  active
                  version
                }
                userErrors {
                  ...UserErrorFields
                }
              }
            }

            fragment UserErrorFields on UserError {
              message
              code
              field
              reason
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query,
            operation_name="TicketTypeCreate",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return TicketTypeCreate.model_validate(data).ticket_type_create

    async def ticket_type_update(
        self,
        id: str,
        input: TicketTypeUpdateInput,
        expected_version: Union[Optional[int], UnsetType] = UNSET,
        **kwargs: Any,
    ) -> TicketTypeUpdateTicketTypeUpdate:
        query = gql("""
            mutation TicketTypeUpdate($id: ID!, $input: TicketTypeUpdateInput!, $expectedVersion: Int) {
              ticketTypeUpdate(id: $id, input: $input, expectedVersion: $expectedVersion) {
                ticketType {
                  id
                  name
                  active
                  version
                }
                userErrors {
                  ...UserErrorFields
                }
              }
            }

            fragment UserErrorFields on UserError {
              message
              code
              field
              reason
            }
            """)
        variables: dict[str, object] = {
            "id": id,
            "input": input,
            "expectedVersion": expected_version,
        }
        response = await self.execute(
            query=query,
            operation_name="TicketTypeUpdate",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return TicketTypeUpdate.model_validate(data).ticket_type_update

    async def mail_account_create(
        self, input: MailAccountCreateInput, **kwargs: Any
    ) -> MailAccountCreateMailAccountCreate:
        query = gql("""
            mutation MailAccountCreate($input: MailAccountCreateInput!) {
              mailAccountCreate(input: $input) {
                mailAccount {
                  id
                  name
                  protocol
                  host
                  port
                  security
                  login
                  folder
                  trusted
                  active
                  checkedAt
                  problem
                  version
                }
                userErrors {
                  ...UserErrorFields
                }
              }
            }

            fragment UserErrorFields on UserError {
              message
              code
              field
              reason
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query,
            operation_name="MailAccountCreate",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return MailAccountCreate.model_validate(data).mail_account_create

    async def mail_account_update(
        self,
        id: str,
        input: MailAccountUpdateInput,
        expected_version: Union[Optional[int], UnsetType] = UNSET,
        **kwargs: Any,
    ) -> MailAccountUpdateMailAccountUpdate:
        query = gql("""
            mutation MailAccountUpdate($id: ID!, $input: MailAccountUpdateInput!, $expectedVersion: Int) {
              mailAccountUpdate(id: $id, input: $input, expectedVersion: $expectedVersion) {
                mailAccount {
                  id
                  name
                  protocol
                  host
                  port
                  security
                  login
                  folder
                  trusted
                  active
                  checkedAt
                  problem
                  version
                }
                userErrors {
                  ...UserErrorFields
                }
              }
            }

            fragment UserErrorFields on UserError {
              message
              code
              field
              reason
            }
            """)
        variables: dict[str, object] = {
            "id": id,
            "input": input,
            "expectedVersion": expected_version,
        }
        response = await self.execute(
            query=query,
            operation_name="MailAccountUpdate",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return MailAccountUpdate.model_validate(data).mail_account_update

    async def mail_filter_create(
        self, input: MailFilterCreateInput, **kwargs: Any
    ) -> MailFilterCreateMailFilterCreate:
        query = gql("""
            mutation MailFilterCreate($input: MailFilterCreateInput!) {
              mailFilterCreate(input: $input) {
                mailFilter {
                  id
                  name
                  position
                  stops
                  active
                  version
                }
                userErrors {
                  ...UserErrorFields
                }
              }
            }

            fragment UserErrorFields on UserError {
              message
              code
              field
              reason
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query,
            operation_name="MailFilterCreate",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return MailFilterCreate.model_validate(data).mail_filter_create

    async def mail_filter_update(
        self,
        id: str,
        input: MailFilterUpdateInput,
        expected_version: Union[Optional[int], UnsetType] = UNSET,
        **kwargs: Any,
    ) -> MailFilterUpdateMailFilterUpdate:
        query = gql("""
            mutation MailFilterUpdate($id: ID!, $input: MailFilterUpdateInput!, $expectedVersion: Int) {
              mailFilterUpdate(id: $id, input: $input, expectedVersion: $expectedVersion) {
                mailFilter {
                  id
                  name
                  position
                  stops
                  active
                  version
                }
                userErrors {
                  ...UserErrorFields
                }
              }
            }

            fragment UserErrorFields on UserError {
              message
              code
              field
              reason
            }
            """)
        variables: dict[str, object] = {
            "id": id,
            "input": input,
            "expectedVersion": expected_version,
        }
        response = await self.execute(
            query=query,
            operation_name="MailFilterUpdate",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return MailFilterUpdate.model_validate(data).mail_filter_update

    async def mail_messages(
        self,
        first: Union[Optional[int], UnsetType] = UNSET,
        after: Union[Optional[str], UnsetType] = UNSET,
        state: Union[Optional[MailMessageState], UnsetType] = UNSET,
        **kwargs: Any,
    ) -> MailMessagesMailMessages:
        query = gql("""
            query MailMessages($first: Int, $after: String, $state: MailMessageState) {
              mailMessages(first: $first, after: $after, state: $state) {
                nodes {
                  id
                  state
                  reason
                  source
                  subject
                  from
                  receivedAt
                  rawUrl
                }
                pageInfo {
                  ...PageFields
                }
              }
            }

            fragment PageFields on PageInfo {
              hasNextPage
              hasPreviousPage
              startCursor
              endCursor
            }
            """)
        variables: dict[str, object] = {"first": first, "after": after, "state": state}
        response = await self.execute(
            query=query, operation_name="MailMessages", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return MailMessages.model_validate(data).mail_messages

    async def mail_message_retry(
        self, id: str, **kwargs: Any
    ) -> MailMessageRetryMailMessageRetry:
        query = gql("""
            mutation MailMessageRetry($id: ID!) {
              mailMessageRetry(id: $id) {
                mailMessage {
                  id
                  state
                  reason
                }
                userErrors {
                  ...UserErrorFields
                }
              }
            }

            fragment UserErrorFields on UserError {
              message
              code
              field
              reason
            }
            """)
        variables: dict[str, object] = {"id": id}
        response = await self.execute(
            query=query,
            operation_name="MailMessageRetry",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return MailMessageRetry.model_validate(data).mail_message_retry

    async def settings(
        self, query: Union[Optional[str], UnsetType] = UNSET, **kwargs: Any
    ) -> list[SettingsSettings]:
        _query = gql("""
            query Settings($query: String) {
              settings(query: $query) {
                name
                description
                value
                default
                changed
              }
            }
            """)
        variables: dict[str, object] = {"query": query}
        response = await self.execute(
            query=_query, operation_name="Settings", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return Settings.model_validate(data).settings

    async def setting_set(
        self, name: str, value: Union[Optional[Any], UnsetType] = UNSET, **kwargs: Any
    ) -> SettingSetSettingSet:
        query = gql("""
            mutation SettingSet($name: String!, $value: JSON) {
              settingSet(name: $name, value: $value) {
                setting {
                  name
                  value
                  changed
                }
                userErrors {
                  ...UserErrorFields
                }
              }
            }

            fragment UserErrorFields on UserError {
              message
              code
              field
              reason
            }
            """)
        variables: dict[str, object] = {"name": name, "value": value}
        response = await self.execute(
            query=query, operation_name="SettingSet", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return SettingSet.model_validate(data).setting_set

    async def queues(
        self, roots_only: Union[Optional[bool], UnsetType] = UNSET, **kwargs: Any
    ) -> list[QueuesQueues]:
        query = gql("""
            query Queues($rootsOnly: Boolean) {
              queues(rootsOnly: $rootsOnly) {
                ...QueueFields
              }
            }

            fragment QueueFields on Queue {
              id
              name
              path
              active
              emailAddress
              followUpPolicy
              parent {
                id
              }
              viewerCan {
                ro
                moveInto
                create
                note
                owner
                priority
                rw
              }
              version
            }
            """)
        variables: dict[str, object] = {"rootsOnly": roots_only}
        response = await self.execute(
            query=query, operation_name="Queues", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return Queues.model_validate(data).queues

    async def ticket_states(self, **kwargs: Any) -> list[TicketStatesTicketStates]:
        query = gql("""
            query TicketStates {
              ticketStates {
                id
                name
                type
                active
              }
            }
            """)
        variables: dict[str, object] = {}
        response = await self.execute(
            query=query, operation_name="TicketStates", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return TicketStates.model_validate(data).ticket_states

    async def ticket_priorities(
        self, **kwargs: Any
    ) -> list[TicketPrioritiesTicketPriorities]:
        query = gql("""
            query TicketPriorities {
              ticketPriorities {
                id
                name
                rank
                active
              }
            }
            """)
        variables: dict[str, object] = {}
        response = await self.execute(
            query=query,
            operation_name="TicketPriorities",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return TicketPriorities.model_validate(data).ticket_priorities

    async def ticket_types(self, **kwargs: Any) -> list[TicketTypesTicketTypes]:
        query = gql("""
            query TicketTypes {
              ticketTypes {
                id
                name
                active
              }
            }
            """)
        variables: dict[str, object] = {}
        response = await self.execute(
            query=query, operation_name="TicketTypes", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return TicketTypes.model_validate(data).ticket_types

    async def agents(
        self,
        first: Union[Optional[int], UnsetType] = UNSET,
        after: Union[Optional[str], UnsetType] = UNSET,
        query: Union[Optional[str], UnsetType] = UNSET,
        **kwargs: Any,
    ) -> AgentsAgents:
        _query = gql("""
            query Agents($first: Int, $after: String, $query: String) {
              agents(first: $first, after: $after, query: $query) {
                nodes {
                  ...AgentFields
                  active
                }
                pageInfo {
                  ...PageFields
                }
              }
            }

            fragment AgentFields on Agent {
              id
              login
              name
            }

            fragment PageFields on PageInfo {
              hasNextPage
              hasPreviousPage
              startCursor
              endCursor
            }
            """)
        variables: dict[str, object] = {"first": first, "after": after, "query": query}
        response = await self.execute(
            query=_query, operation_name="Agents", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return Agents.model_validate(data).agents

    async def customer_users(
        self,
        first: Union[Optional[int], UnsetType] = UNSET,
        after: Union[Optional[str], UnsetType] = UNSET,
        query: Union[Optional[str], UnsetType] = UNSET,
        **kwargs: Any,
    ) -> CustomerUsersCustomerUsers:
        _query = gql("""
            query CustomerUsers($first: Int, $after: String, $query: String) {
              customerUsers(first: $first, after: $after, query: $query) {
                nodes {
                  id
                  login
                  name
                  email
                }
                pageInfo {
                  ...PageFields
                }
              }
            }

            fragment PageFields on PageInfo {
              hasNextPage
              hasPreviousPage
              startCursor
              endCursor
            }
            """)
        variables: dict[str, object] = {"first": first, "after": after, "query": query}
        response = await self.execute(
            query=_query, operation_name="CustomerUsers", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return CustomerUsers.model_validate(data).customer_users

    async def groups(self, **kwargs: Any) -> list[GroupsGroups]:
        query = gql("""
            query Groups {
              groups {
                ...GroupFields
              }
            }

            fragment GroupFields on Group {
              id
              name
              active
              version
            }
            """)
        variables: dict[str, object] = {}
        response = await self.execute(
            query=query, operation_name="Groups", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return Groups.model_validate(data).groups

    async def roles(self, **kwargs: Any) -> list[RolesRoles]:
        query = gql("""
            query Roles {
              roles {
                ...RoleFields
              }
            }

            fragment RoleFields on Role {
              id
              name
              active
              permissions
              grants {
                group {
                  id
                  name
                }
                rights
              }
              version
            }
            """)
        variables: dict[str, object] = {}
        response = await self.execute(
            query=query, operation_name="Roles", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return Roles.model_validate(data).roles

    async def templates(
        self,
        ticket_id: Union[Optional[str], UnsetType] = UNSET,
        kind: Union[Optional[TemplateKind], UnsetType] = UNSET,
        **kwargs: Any,
    ) -> list[TemplatesTemplates]:
        query = gql("""
            query Templates($ticketId: ID, $kind: TemplateKind) {
              templates(ticketId: $ticketId, kind: $kind) {
                id
                name
                kind
                subject
                body
                active
              }
            }
            """)
        variables: dict[str, object] = {"ticketId": ticket_id, "kind": kind}
        response = await self.execute(
            query=query, operation_name="Templates", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return Templates.model_validate(data).templates

    async def template_preview(
        self, template_id: str, ticket_id: str, **kwargs: Any
    ) -> Optional[TemplatePreviewTemplatePreview]:
        query = gql("""
            query TemplatePreview($templateId: ID!, $ticketId: ID!) {
              templatePreview(templateId: $templateId, ticketId: $ticketId) {
                subject
                bodyHtml
                body
              }
            }
            """)
        variables: dict[str, object] = {
            "templateId": template_id,
            "ticketId": ticket_id,
        }
        response = await self.execute(
            query=query, operation_name="TemplatePreview", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return TemplatePreview.model_validate(data).template_preview

    async def jobs(
        self,
        first: Union[Optional[int], UnsetType] = UNSET,
        after: Union[Optional[str], UnsetType] = UNSET,
        state: Union[Optional[JobState], UnsetType] = UNSET,
        **kwargs: Any,
    ) -> JobsJobs:
        query = gql("""
            query Jobs($first: Int, $after: String, $state: JobState) {
              jobs(first: $first, after: $after, state: $state) {
                nodes {
                  ...JobFields
                }
                pageInfo {
                  ...PageFields
                }
              }
            }

            fragment JobFields on Job {
              id
              kind
              state
              progress
              attempts
              createdAt
              finishedAt
              error
              resultUrl
            }

            fragment PageFields on PageInfo {
              hasNextPage
              hasPreviousPage
              startCursor
              endCursor
            }
            """)
        variables: dict[str, object] = {"first": first, "after": after, "state": state}
        response = await self.execute(
            query=query, operation_name="Jobs", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return Jobs.model_validate(data).jobs

    async def notifications(
        self,
        first: Union[Optional[int], UnsetType] = UNSET,
        after: Union[Optional[str], UnsetType] = UNSET,
        unread_only: Union[Optional[bool], UnsetType] = UNSET,
        **kwargs: Any,
    ) -> Optional[NotificationsViewer]:
        query = gql("""
            query Notifications($first: Int, $after: String, $unreadOnly: Boolean) {
              viewer {
                notifications(first: $first, after: $after, unreadOnly: $unreadOnly) {
                  nodes {
                    ...NotificationFields
                  }
                  pageInfo {
                    ...PageFields
                  }
                  totalCount
                }
              }
            }

            fragment NotificationFields on Notification {
              id
              kind
              title
              ticket {
                id
                number
              }
              createdAt
              readAt
            }

            fragment PageFields on PageInfo {
              hasNextPage
              hasPreviousPage
              startCursor
              endCursor
            }
            """)
        variables: dict[str, object] = {
            "first": first,
            "after": after,
            "unreadOnly": unread_only,
        }
        response = await self.execute(
            query=query, operation_name="Notifications", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return Notifications.model_validate(data).viewer

    async def notifications_mark_read(
        self, ids: Union[Optional[list[str]], UnsetType] = UNSET, **kwargs: Any
    ) -> NotificationsMarkReadNotificationsMarkRead:
        query = gql("""
            mutation NotificationsMarkRead($ids: [ID!]) {
              notificationsMarkRead(ids: $ids) {
                userErrors {
                  ...UserErrorFields
                }
              }
            }

            fragment UserErrorFields on UserError {
              message
              code
              field
              reason
            }
            """)
        variables: dict[str, object] = {"ids": ids}
        response = await self.execute(
            query=query,
            operation_name="NotificationsMarkRead",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return NotificationsMarkRead.model_validate(data).notifications_mark_read

    async def notification_added(
        self, after: Union[Optional[str], UnsetType] = UNSET, **kwargs: Any
    ) -> AsyncIterator[NotificationAddedNotifications]:
        query = gql("""
            subscription NotificationAdded($after: ID) {
              notifications(after: $after) {
                ...NotificationFields
              }
            }

            fragment NotificationFields on Notification {
              id
              kind
              title
              ticket {
                id
                number
              }
              createdAt
              readAt
            }
            """)
        variables: dict[str, object] = {"after": after}
        async for data in self.execute_ws(
            query=query,
            operation_name="NotificationAdded",
            variables=variables,
            **kwargs,
        ):
            yield NotificationAdded.model_validate(data).notifications

    async def session_create(
        self,
        login: str,
        password: str,
        as_customer_user: Union[Optional[bool], UnsetType] = UNSET,
        **kwargs: Any,
    ) -> SessionCreateSessionCreate:
        query = gql("""
            mutation SessionCreate($login: String!, $password: String!, $asCustomerUser: Boolean) {
              sessionCreate(
                login: $login
                password: $password
                asCustomerUser: $asCustomerUser
              ) {
                ...SessionFields
              }
            }

            fragment SessionFields on SessionPayload {
              accessToken
              refreshToken
              expiresAt
              otpRequired
              userErrors {
                ...UserErrorFields
              }
            }

            fragment UserErrorFields on UserError {
              message
              code
              field
              reason
            }
            """)
        variables: dict[str, object] = {
            "login": login,
            "password": password,
            "asCustomerUser": as_customer_user,
        }
        response = await self.execute(
            query=query, operation_name="SessionCreate", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return SessionCreate.model_validate(data).session_create

    async def session_refresh(
        self, refresh_token: str, **kwargs: Any
    ) -> SessionRefreshSessionRefresh:
        query = gql("""
            mutation SessionRefresh($refreshToken: String!) {
              sessionRefresh(refreshToken: $refreshToken) {
                ...SessionFields
              }
            }

            fragment SessionFields on SessionPayload {
              accessToken
              refreshToken
              expiresAt
              otpRequired
              userErrors {
                ...UserErrorFields
              }
            }

            fragment UserErrorFields on UserError {
              message
              code
              field
              reason
            }
            """)
        variables: dict[str, object] = {"refreshToken": refresh_token}
        response = await self.execute(
            query=query, operation_name="SessionRefresh", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return SessionRefresh.model_validate(data).session_refresh

    async def session_revoke(self, **kwargs: Any) -> SessionRevokeSessionRevoke:
        query = gql("""
            mutation SessionRevoke {
              sessionRevoke {
                id
                userErrors {
                  ...UserErrorFields
                }
              }
            }

            fragment UserErrorFields on UserError {
              message
              code
              field
              reason
            }
            """)
        variables: dict[str, object] = {}
        response = await self.execute(
            query=query, operation_name="SessionRevoke", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return SessionRevoke.model_validate(data).session_revoke

    async def viewer(self, **kwargs: Any) -> Optional[ViewerViewer]:
        query = gql("""
            query Viewer {
              viewer {
                agent {
                  ...AgentFields
                }
                customerUser {
                  id
                  login
                  name
                }
                permissions
              }
            }

            fragment AgentFields on Agent {
              id
              login
              name
            }
            """)
        variables: dict[str, object] = {}
        response = await self.execute(
            query=query, operation_name="Viewer", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return Viewer.model_validate(data).viewer

    async def api_tokens(self, **kwargs: Any) -> list[ApiTokensApiTokens]:
        query = gql("""
            query ApiTokens {
              apiTokens {
                id
                name
                scopes
                createdAt
                lastUsedAt
                expiresAt
              }
            }
            """)
        variables: dict[str, object] = {}
        response = await self.execute(
            query=query, operation_name="ApiTokens", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return ApiTokens.model_validate(data).api_tokens

    async def api_token_create(
        self,
        name: str,
        scopes: list[str],
        expires_at: Union[Optional[datetime], UnsetType] = UNSET,
        **kwargs: Any,
    ) -> ApiTokenCreateApiTokenCreate:
        query = gql("""
            mutation ApiTokenCreate($name: String!, $scopes: [String!]!, $expiresAt: DateTime) {
              apiTokenCreate(name: $name, scopes: $scopes, expiresAt: $expiresAt) {
                apiToken {
                  id
                  name
                  scopes
                  expiresAt
                }
                secret
                userErrors {
                  ...UserErrorFields
                }
              }
            }

            fragment UserErrorFields on UserError {
              message
              code
              field
              reason
            }
            """)
        variables: dict[str, object] = {
            "name": name,
            "scopes": scopes,
            "expiresAt": expires_at,
        }
        response = await self.execute(
            query=query, operation_name="ApiTokenCreate", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return ApiTokenCreate.model_validate(data).api_token_create

    async def api_token_revoke(
        self, id: str, **kwargs: Any
    ) -> ApiTokenRevokeApiTokenRevoke:
        query = gql("""
            mutation ApiTokenRevoke($id: ID!) {
              apiTokenRevoke(id: $id) {
                id
                userErrors {
                  ...UserErrorFields
                }
              }
            }

            fragment UserErrorFields on UserError {
              message
              code
              field
              reason
            }
            """)
        variables: dict[str, object] = {"id": id}
        response = await self.execute(
            query=query, operation_name="ApiTokenRevoke", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return ApiTokenRevoke.model_validate(data).api_token_revoke

    async def server_info(self, **kwargs: Any) -> ServerInfoServerInfo:
        query = gql("""
            query ServerInfo {
              serverInfo {
                version
                schemaRevision
                limits {
                  maxPageSize
                  maxDepth
                  maxAliases
                  maxCost
                  maxTokens
                  maxUploadBytes
                  changeLogDays
                }
                time
              }
            }
            """)
        variables: dict[str, object] = {}
        response = await self.execute(
            query=query, operation_name="ServerInfo", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return ServerInfo.model_validate(data).server_info

    async def ticket_events(
        self,
        after: Union[Optional[str], UnsetType] = UNSET,
        ticket_ids: Union[Optional[list[str]], UnsetType] = UNSET,
        queue_ids: Union[Optional[list[str]], UnsetType] = UNSET,
        kinds: Union[Optional[list[str]], UnsetType] = UNSET,
        **kwargs: Any,
    ) -> AsyncIterator[TicketEventsTicketEvents]:
        query = gql("""
            subscription TicketEvents($after: String, $ticketIds: [ID!], $queueIds: [ID!], $kinds: [String!]) {
              ticketEvents(
                after: $after
                ticketIds: $ticketIds
                queueIds: $queueIds
                kinds: $kinds
              ) {
                cursor
                event {
                  ...TicketEventFields
                  ticket {
                    id
                    number
                  }
                }
              }
            }

            fragment ActorFields on Actor {
              kind
              name
            }

            fragment TicketEventFields on TicketEvent {
              id
              kind
              at
              actor {
                ...ActorFields
              }
              article {
                id
                number
              }
              changes {
                field
                before
                after
              }
              summary
            }
            """)
        variables: dict[str, object] = {
            "after": after,
            "ticketIds": ticket_ids,
            "queueIds": queue_ids,
            "kinds": kinds,
        }
        async for data in self.execute_ws(
            query=query, operation_name="TicketEvents", variables=variables, **kwargs
        ):
            yield TicketEvents.model_validate(data).ticket_events

    async def ticket_changes(
        self,
        since: Union[Optional[str], UnsetType] = UNSET,
        filter_: Union[Optional[TicketFilter], UnsetType] = UNSET,
        first: Union[Optional[int], UnsetType] = UNSET,
        **kwargs: Any,
    ) -> AsyncIterator[TicketChangesTicketChanges]:
        query = gql("""
            subscription TicketChanges($since: String, $filter: TicketFilter, $first: Int) {
              ticketChanges(since: $since, filter: $filter, first: $first) {
                upserts {
                  ...TicketFields
                }
                removedIds
                cursor
                hasMore
                reset
              }
            }

            fragment AgentFields on Agent {
              id
              login
              name
            }

            fragment TicketFields on Ticket {
              id
              number
              title
              queue {
                id
                path
              }
              state {
                id
                name
                type
              }
              priority {
                id
                name
                rank
              }
              type {
                id
                name
              }
              owner {
                ...AgentFields
              }
              responsible {
                ...AgentFields
              }
              customerUser {
                id
                login
                name
                email
              }
              customer {
                id
                number
                name
              }
              lock {
                holder {
                  ...AgentFields
                }
                since
                expiresAt
              }
              tags
              pendingUntil
              mergedInto {
                id
                number
              }
              viewerCan {
                update
                move
                assign
                lock
                close
                reply
                note
                priority
                merge
              }
              viewerIsWatching
              viewerLastSeenAt
              version
              createdAt
              updatedAt
              closedAt
            }
            """)
        variables: dict[str, object] = {
            "since": since,
            "filter": filter_,
            "first": first,
        }
        async for data in self.execute_ws(
            query=query, operation_name="TicketChanges", variables=variables, **kwargs
        ):
            yield TicketChanges.model_validate(data).ticket_changes

    async def tickets(
        self,
        first: Union[Optional[int], UnsetType] = UNSET,
        after: Union[Optional[str], UnsetType] = UNSET,
        filter_: Union[Optional[TicketFilter], UnsetType] = UNSET,
        order_by: Union[Optional[list[TicketOrder]], UnsetType] = UNSET,
        **kwargs: Any,
    ) -> TicketsTickets:
        query = gql("""
            query Tickets($first: Int, $after: String, $filter: TicketFilter, $orderBy: [TicketOrder!]) {
              tickets(first: $first, after: $after, filter: $filter, orderBy: $orderBy) {
                nodes {
                  ...TicketFields
                }
                pageInfo {
                  ...PageFields
                }
                totalCount
              }
            }

            fragment AgentFields on Agent {
              id
              login
              name
            }

            fragment PageFields on PageInfo {
              hasNextPage
              hasPreviousPage
              startCursor
              endCursor
            }

            fragment TicketFields on Ticket {
              id
              number
              title
              queue {
                id
                path
              }
              state {
                id
                name
                type
              }
              priority {
                id
                name
                rank
              }
              type {
                id
                name
              }
              owner {
                ...AgentFields
              }
              responsible {
                ...AgentFields
              }
              customerUser {
                id
                login
                name
                email
              }
              customer {
                id
                number
                name
              }
              lock {
                holder {
                  ...AgentFields
                }
                since
                expiresAt
              }
              tags
              pendingUntil
              mergedInto {
                id
                number
              }
              viewerCan {
                update
                move
                assign
                lock
                close
                reply
                note
                priority
                merge
              }
              viewerIsWatching
              viewerLastSeenAt
              version
              createdAt
              updatedAt
              closedAt
            }
            """)
        variables: dict[str, object] = {
            "first": first,
            "after": after,
            "filter": filter_,
            "orderBy": order_by,
        }
        response = await self.execute(
            query=query, operation_name="Tickets", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return Tickets.model_validate(data).tickets

    async def ticket(
        self,
        id: str,
        articles: Union[Optional[int], UnsetType] = UNSET,
        history: Union[Optional[int], UnsetType] = UNSET,
        **kwargs: Any,
    ) -> Optional[TicketTicket]:
        query = gql("""
            query Ticket($id: ID!, $articles: Int = 100, $history: Int = 100) {
              ticket(id: $id) {
                ...TicketStoryFields
              }
            }

            fragment ActorFields on Actor {
              kind
              name
            }

            fragment AgentFields on Agent {
              id
              login
              name
            }

            fragment ArticleFields on Article {
              id
              number
              channel
              senderType
              visibleForCustomer
              author {
                ...ActorFields
              }
              from
              to
              cc
              subject
              body
              bodyHtml
              messageId
              inReplyTo {
                id
                number
              }
              attachments {
                ...AttachmentFields
              }
              createdAt
            }

            fragment AttachmentFields on Attachment {
              id
              filename
              contentType
              size
              sha256
              inline
              downloadUrl
            }

            fragment PageFields on PageInfo {
              hasNextPage
              hasPreviousPage
              startCursor
              endCursor
            }

            fragment TicketEventFields on TicketEvent {
              id
              kind
              at
              actor {
                ...ActorFields
              }
              article {
                id
                number
              }
              changes {
                field
                before
                after
              }
              summary
            }

            fragment TicketFields on Ticket {
              id
              number
              title
              queue {
                id
                path
              }
              state {
                id
                name
                type
              }
              priority {
                id
                name
                rank
              }
              type {
                id
                name
              }
              owner {
                ...AgentFields
              }
              responsible {
                ...AgentFields
              }
              customerUser {
                id
                login
                name
                email
              }
              customer {
                id
                number
                name
              }
              lock {
                holder {
                  ...AgentFields
                }
                since
                expiresAt
              }
              tags
              pendingUntil
              mergedInto {
                id
                number
              }
              viewerCan {
                update
                move
                assign
                lock
                close
                reply
                note
                priority
                merge
              }
              viewerIsWatching
              viewerLastSeenAt
              version
              createdAt
              updatedAt
              closedAt
            }

            fragment TicketStoryFields on Ticket {
              ...TicketFields
              articles(first: $articles) {
                nodes {
                  ...ArticleFields
                }
                pageInfo {
                  ...PageFields
                }
                totalCount
              }
              history(first: $history) {
                nodes {
                  ...TicketEventFields
                }
                pageInfo {
                  ...PageFields
                }
                totalCount
              }
              links {
                kind
                ticket {
                  id
                  number
                  title
                }
              }
              watchers {
                ...AgentFields
              }
            }
            """)
        variables: dict[str, object] = {
            "id": id,
            "articles": articles,
            "history": history,
        }
        response = await self.execute(
            query=query, operation_name="Ticket", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return Ticket.model_validate(data).ticket

    async def ticket_by_number(
        self,
        number: str,
        articles: Union[Optional[int], UnsetType] = UNSET,
        history: Union[Optional[int], UnsetType] = UNSET,
        **kwargs: Any,
    ) -> Optional[TicketByNumberTicketByNumber]:
        query = gql("""
            query TicketByNumber($number: String!, $articles: Int = 100, $history: Int = 100) {
              ticketByNumber(number: $number) {
                ...TicketStoryFields
              }
            }

            fragment ActorFields on Actor {
              kind
              name
            }

            fragment AgentFields on Agent {
              id
              login
              name
            }

            fragment ArticleFields on Article {
              id
              number
              channel
              senderType
              visibleForCustomer
              author {
                ...ActorFields
              }
              from
              to
              cc
              subject
              body
              bodyHtml
              messageId
              inReplyTo {
                id
                number
              }
              attachments {
                ...AttachmentFields
              }
              createdAt
            }

            fragment AttachmentFields on Attachment {
              id
              filename
              contentType
              size
              sha256
              inline
              downloadUrl
            }

            fragment PageFields on PageInfo {
              hasNextPage
              hasPreviousPage
              startCursor
              endCursor
            }

            fragment TicketEventFields on TicketEvent {
              id
              kind
              at
              actor {
                ...ActorFields
              }
              article {
                id
                number
              }
              changes {
                field
                before
                after
              }
              summary
            }

            fragment TicketFields on Ticket {
              id
              number
              title
              queue {
                id
                path
              }
              state {
                id
                name
                type
              }
              priority {
                id
                name
                rank
              }
              type {
                id
                name
              }
              owner {
                ...AgentFields
              }
              responsible {
                ...AgentFields
              }
              customerUser {
                id
                login
                name
                email
              }
              customer {
                id
                number
                name
              }
              lock {
                holder {
                  ...AgentFields
                }
                since
                expiresAt
              }
              tags
              pendingUntil
              mergedInto {
                id
                number
              }
              viewerCan {
                update
                move
                assign
                lock
                close
                reply
                note
                priority
                merge
              }
              viewerIsWatching
              viewerLastSeenAt
              version
              createdAt
              updatedAt
              closedAt
            }

            fragment TicketStoryFields on Ticket {
              ...TicketFields
              articles(first: $articles) {
                nodes {
                  ...ArticleFields
                }
                pageInfo {
                  ...PageFields
                }
                totalCount
              }
              history(first: $history) {
                nodes {
                  ...TicketEventFields
                }
                pageInfo {
                  ...PageFields
                }
                totalCount
              }
              links {
                kind
                ticket {
                  id
                  number
                  title
                }
              }
              watchers {
                ...AgentFields
              }
            }
            """)
        variables: dict[str, object] = {
            "number": number,
            "articles": articles,
            "history": history,
        }
        response = await self.execute(
            query=query, operation_name="TicketByNumber", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return TicketByNumber.model_validate(data).ticket_by_number

    async def ticket_changes_since(
        self,
        since: Union[Optional[str], UnsetType] = UNSET,
        first: Union[Optional[int], UnsetType] = UNSET,
        filter_: Union[Optional[TicketFilter], UnsetType] = UNSET,
        **kwargs: Any,
    ) -> TicketChangesSinceTicketChanges:
        query = gql("""
            query TicketChangesSince($since: String, $first: Int, $filter: TicketFilter) {
              ticketChanges(since: $since, first: $first, filter: $filter) {
                upserts {
                  ...TicketFields
                }
                removedIds
                cursor
                hasMore
                reset
              }
            }

            fragment AgentFields on Agent {
              id
              login
              name
            }

            fragment TicketFields on Ticket {
              id
              number
              title
              queue {
                id
                path
              }
              state {
                id
                name
                type
              }
              priority {
                id
                name
                rank
              }
              type {
                id
                name
              }
              owner {
                ...AgentFields
              }
              responsible {
                ...AgentFields
              }
              customerUser {
                id
                login
                name
                email
              }
              customer {
                id
                number
                name
              }
              lock {
                holder {
                  ...AgentFields
                }
                since
                expiresAt
              }
              tags
              pendingUntil
              mergedInto {
                id
                number
              }
              viewerCan {
                update
                move
                assign
                lock
                close
                reply
                note
                priority
                merge
              }
              viewerIsWatching
              viewerLastSeenAt
              version
              createdAt
              updatedAt
              closedAt
            }
            """)
        variables: dict[str, object] = {
            "since": since,
            "first": first,
            "filter": filter_,
        }
        response = await self.execute(
            query=query,
            operation_name="TicketChangesSince",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return TicketChangesSince.model_validate(data).ticket_changes

    async def ticket_create(
        self, input: TicketCreateInput, **kwargs: Any
    ) -> TicketCreateTicketCreate:
        query = gql("""
            mutation TicketCreate($input: TicketCreateInput!) {
              ticketCreate(input: $input) {
                ...TicketPayloadFields
              }
            }

            fragment AgentFields on Agent {
              id
              login
              name
            }

            fragment TicketFields on Ticket {
              id
              number
              title
              queue {
                id
                path
              }
              state {
                id
                name
                type
              }
              priority {
                id
                name
                rank
              }
              type {
                id
                name
              }
              owner {
                ...AgentFields
              }
              responsible {
                ...AgentFields
              }
              customerUser {
                id
                login
                name
                email
              }
              customer {
                id
                number
                name
              }
              lock {
                holder {
                  ...AgentFields
                }
                since
                expiresAt
              }
              tags
              pendingUntil
              mergedInto {
                id
                number
              }
              viewerCan {
                update
                move
                assign
                lock
                close
                reply
                note
                priority
                merge
              }
              viewerIsWatching
              viewerLastSeenAt
              version
              createdAt
              updatedAt
              closedAt
            }

            fragment TicketPayloadFields on TicketPayload {
              ticket {
                ...TicketFields
              }
              userErrors {
                ...UserErrorFields
              }
              clientMutationId
            }

            fragment UserErrorFields on UserError {
              message
              code
              field
              reason
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query, operation_name="TicketCreate", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return TicketCreate.model_validate(data).ticket_create

    async def ticket_update(
        self,
        id: str,
        input: TicketUpdateInput,
        expected_version: Union[Optional[int], UnsetType] = UNSET,
        **kwargs: Any,
    ) -> TicketUpdateTicketUpdate:
        query = gql("""
            mutation TicketUpdate($id: ID!, $input: TicketUpdateInput!, $expectedVersion: Int) {
              ticketUpdate(id: $id, input: $input, expectedVersion: $expectedVersion) {
                ...TicketPayloadFields
              }
            }

            fragment AgentFields on Agent {
              id
              login
              name
            }

            fragment TicketFields on Ticket {
              id
              number
              title
              queue {
                id
                path
              }
              state {
                id
                name
                type
              }
              priority {
                id
                name
                rank
              }
              type {
                id
                name
              }
              owner {
                ...AgentFields
              }
              responsible {
                ...AgentFields
              }
              customerUser {
                id
                login
                name
                email
              }
              customer {
                id
                number
                name
              }
              lock {
                holder {
                  ...AgentFields
                }
                since
                expiresAt
              }
              tags
              pendingUntil
              mergedInto {
                id
                number
              }
              viewerCan {
                update
                move
                assign
                lock
                close
                reply
                note
                priority
                merge
              }
              viewerIsWatching
              viewerLastSeenAt
              version
              createdAt
              updatedAt
              closedAt
            }

            fragment TicketPayloadFields on TicketPayload {
              ticket {
                ...TicketFields
              }
              userErrors {
                ...UserErrorFields
              }
              clientMutationId
            }

            fragment UserErrorFields on UserError {
              message
              code
              field
              reason
            }
            """)
        variables: dict[str, object] = {
            "id": id,
            "input": input,
            "expectedVersion": expected_version,
        }
        response = await self.execute(
            query=query, operation_name="TicketUpdate", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return TicketUpdate.model_validate(data).ticket_update

    async def ticket_move(
        self,
        id: str,
        queue_id: str,
        note: Union[Optional[str], UnsetType] = UNSET,
        expected_version: Union[Optional[int], UnsetType] = UNSET,
        **kwargs: Any,
    ) -> TicketMoveTicketMove:
        query = gql("""
            mutation TicketMove($id: ID!, $queueId: ID!, $note: String, $expectedVersion: Int) {
              ticketMove(
                id: $id
                queueId: $queueId
                note: $note
                expectedVersion: $expectedVersion
              ) {
                ...TicketPayloadFields
              }
            }

            fragment AgentFields on Agent {
              id
              login
              name
            }

            fragment TicketFields on Ticket {
              id
              number
              title
              queue {
                id
                path
              }
              state {
                id
                name
                type
              }
              priority {
                id
                name
                rank
              }
              type {
                id
                name
              }
              owner {
                ...AgentFields
              }
              responsible {
                ...AgentFields
              }
              customerUser {
                id
                login
                name
                email
              }
              customer {
                id
                number
                name
              }
              lock {
                holder {
                  ...AgentFields
                }
                since
                expiresAt
              }
              tags
              pendingUntil
              mergedInto {
                id
                number
              }
              viewerCan {
                update
                move
                assign
                lock
                close
                reply
                note
                priority
                merge
              }
              viewerIsWatching
              viewerLastSeenAt
              version
              createdAt
              updatedAt
              closedAt
            }

            fragment TicketPayloadFields on TicketPayload {
              ticket {
                ...TicketFields
              }
              userErrors {
                ...UserErrorFields
              }
              clientMutationId
            }

            fragment UserErrorFields on UserError {
              message
              code
              field
              reason
            }
            """)
        variables: dict[str, object] = {
            "id": id,
            "queueId": queue_id,
            "note": note,
            "expectedVersion": expected_version,
        }
        response = await self.execute(
            query=query, operation_name="TicketMove", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return TicketMove.model_validate(data).ticket_move

    async def ticket_assign(
        self,
        id: str,
        owner_id: Union[Optional[str], UnsetType] = UNSET,
        note: Union[Optional[str], UnsetType] = UNSET,
        expected_version: Union[Optional[int], UnsetType] = UNSET,
        **kwargs: Any,
    ) -> TicketAssignTicketAssign:
        query = gql("""
            mutation TicketAssign($id: ID!, $ownerId: ID, $note: String, $expectedVersion: Int) {
              ticketAssign(
                id: $id
                ownerId: $ownerId
                note: $note
                expectedVersion: $expectedVersion
              ) {
                ...TicketPayloadFields
              }
            }

            fragment AgentFields on Agent {
              id
              login
              name
            }

            fragment TicketFields on Ticket {
              id
              number
              title
              queue {
                id
                path
              }
              state {
                id
                name
                type
              }
              priority {
                id
                name
                rank
              }
              type {
                id
                name
              }
              owner {
                ...AgentFields
              }
              responsible {
                ...AgentFields
              }
              customerUser {
                id
                login
                name
                email
              }
              customer {
                id
                number
                name
              }
              lock {
                holder {
                  ...AgentFields
                }
                since
                expiresAt
              }
              tags
              pendingUntil
              mergedInto {
                id
                number
              }
              viewerCan {
                update
                move
                assign
                lock
                close
                reply
                note
                priority
                merge
              }
              viewerIsWatching
              viewerLastSeenAt
              version
              createdAt
              updatedAt
              closedAt
            }

            fragment TicketPayloadFields on TicketPayload {
              ticket {
                ...TicketFields
              }
              userErrors {
                ...UserErrorFields
              }
              clientMutationId
            }

            fragment UserErrorFields on UserError {
              message
              code
              field
              reason
            }
            """)
        variables: dict[str, object] = {
            "id": id,
            "ownerId": owner_id,
            "note": note,
            "expectedVersion": expected_version,
        }
        response = await self.execute(
            query=query, operation_name="TicketAssign", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return TicketAssign.model_validate(data).ticket_assign

    async def ticket_lock(
        self, id: str, force: Union[Optional[bool], UnsetType] = UNSET, **kwargs: Any
    ) -> TicketLockTicketLock:
        query = gql("""
            mutation TicketLock($id: ID!, $force: Boolean) {
              ticketLock(id: $id, force: $force) {
                ...TicketPayloadFields
              }
            }

            fragment AgentFields on Agent {
              id
              login
              name
            }

            fragment TicketFields on Ticket {
              id
              number
              title
              queue {
                id
                path
              }
              state {
                id
                name
                type
              }
              priority {
                id
                name
                rank
              }
              type {
                id
                name
              }
              owner {
                ...AgentFields
              }
              responsible {
                ...AgentFields
              }
              customerUser {
                id
                login
                name
                email
              }
              customer {
                id
                number
                name
              }
              lock {
                holder {
                  ...AgentFields
                }
                since
                expiresAt
              }
              tags
              pendingUntil
              mergedInto {
                id
                number
              }
              viewerCan {
                update
                move
                assign
                lock
                close
                reply
                note
                priority
                merge
              }
              viewerIsWatching
              viewerLastSeenAt
              version
              createdAt
              updatedAt
              closedAt
            }

            fragment TicketPayloadFields on TicketPayload {
              ticket {
                ...TicketFields
              }
              userErrors {
                ...UserErrorFields
              }
              clientMutationId
            }

            fragment UserErrorFields on UserError {
              message
              code
              field
              reason
            }
            """)
        variables: dict[str, object] = {"id": id, "force": force}
        response = await self.execute(
            query=query, operation_name="TicketLock", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return TicketLock.model_validate(data).ticket_lock

    async def ticket_unlock(self, id: str, **kwargs: Any) -> TicketUnlockTicketUnlock:
        query = gql("""
            mutation TicketUnlock($id: ID!) {
              ticketUnlock(id: $id) {
                ...TicketPayloadFields
              }
            }

            fragment AgentFields on Agent {
              id
              login
              name
            }

            fragment TicketFields on Ticket {
              id
              number
              title
              queue {
                id
                path
              }
              state {
                id
                name
                type
              }
              priority {
                id
                name
                rank
              }
              type {
                id
                name
              }
              owner {
                ...AgentFields
              }
              responsible {
                ...AgentFields
              }
              customerUser {
                id
                login
                name
                email
              }
              customer {
                id
                number
                name
              }
              lock {
                holder {
                  ...AgentFields
                }
                since
                expiresAt
              }
              tags
              pendingUntil
              mergedInto {
                id
                number
              }
              viewerCan {
                update
                move
                assign
                lock
                close
                reply
                note
                priority
                merge
              }
              viewerIsWatching
              viewerLastSeenAt
              version
              createdAt
              updatedAt
              closedAt
            }

            fragment TicketPayloadFields on TicketPayload {
              ticket {
                ...TicketFields
              }
              userErrors {
                ...UserErrorFields
              }
              clientMutationId
            }

            fragment UserErrorFields on UserError {
              message
              code
              field
              reason
            }
            """)
        variables: dict[str, object] = {"id": id}
        response = await self.execute(
            query=query, operation_name="TicketUnlock", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return TicketUnlock.model_validate(data).ticket_unlock

    async def ticket_close(
        self,
        id: str,
        state_id: str,
        note: Union[Optional[str], UnsetType] = UNSET,
        expected_version: Union[Optional[int], UnsetType] = UNSET,
        **kwargs: Any,
    ) -> TicketCloseTicketClose:
        query = gql("""
            mutation TicketClose($id: ID!, $stateId: ID!, $note: String, $expectedVersion: Int) {
              ticketClose(
                id: $id
                stateId: $stateId
                note: $note
                expectedVersion: $expectedVersion
              ) {
                ...TicketPayloadFields
              }
            }

            fragment AgentFields on Agent {
              id
              login
              name
            }

            fragment TicketFields on Ticket {
              id
              number
              title
              queue {
                id
                path
              }
              state {
                id
                name
                type
              }
              priority {
                id
                name
                rank
              }
              type {
                id
                name
              }
              owner {
                ...AgentFields
              }
              responsible {
                ...AgentFields
              }
              customerUser {
                id
                login
                name
                email
              }
              customer {
                id
                number
                name
              }
              lock {
                holder {
                  ...AgentFields
                }
                since
                expiresAt
              }
              tags
              pendingUntil
              mergedInto {
                id
                number
              }
              viewerCan {
                update
                move
                assign
                lock
                close
                reply
                note
                priority
                merge
              }
              viewerIsWatching
              viewerLastSeenAt
              version
              createdAt
              updatedAt
              closedAt
            }

            fragment TicketPayloadFields on TicketPayload {
              ticket {
                ...TicketFields
              }
              userErrors {
                ...UserErrorFields
              }
              clientMutationId
            }

            fragment UserErrorFields on UserError {
              message
              code
              field
              reason
            }
            """)
        variables: dict[str, object] = {
            "id": id,
            "stateId": state_id,
            "note": note,
            "expectedVersion": expected_version,
        }
        response = await self.execute(
            query=query, operation_name="TicketClose", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return TicketClose.model_validate(data).ticket_close

    async def ticket_reopen(
        self, id: str, note: Union[Optional[str], UnsetType] = UNSET, **kwargs: Any
    ) -> TicketReopenTicketReopen:
        query = gql("""
            mutation TicketReopen($id: ID!, $note: String) {
              ticketReopen(id: $id, note: $note) {
                ...TicketPayloadFields
              }
            }

            fragment AgentFields on Agent {
              id
              login
              name
            }

            fragment TicketFields on Ticket {
              id
              number
              title
              queue {
                id
                path
              }
              state {
                id
                name
                type
              }
              priority {
                id
                name
                rank
              }
              type {
                id
                name
              }
              owner {
                ...AgentFields
              }
              responsible {
                ...AgentFields
              }
              customerUser {
                id
                login
                name
                email
              }
              customer {
                id
                number
                name
              }
              lock {
                holder {
                  ...AgentFields
                }
                since
                expiresAt
              }
              tags
              pendingUntil
              mergedInto {
                id
                number
              }
              viewerCan {
                update
                move
                assign
                lock
                close
                reply
                note
                priority
                merge
              }
              viewerIsWatching
              viewerLastSeenAt
              version
              createdAt
              updatedAt
              closedAt
            }

            fragment TicketPayloadFields on TicketPayload {
              ticket {
                ...TicketFields
              }
              userErrors {
                ...UserErrorFields
              }
              clientMutationId
            }

            fragment UserErrorFields on UserError {
              message
              code
              field
              reason
            }
            """)
        variables: dict[str, object] = {"id": id, "note": note}
        response = await self.execute(
            query=query, operation_name="TicketReopen", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return TicketReopen.model_validate(data).ticket_reopen

    async def ticket_merge(
        self, id: str, into_id: str, **kwargs: Any
    ) -> TicketMergeTicketMerge:
        query = gql("""
            mutation TicketMerge($id: ID!, $intoId: ID!) {
              ticketMerge(id: $id, intoId: $intoId) {
                ...TicketPayloadFields
              }
            }

            fragment AgentFields on Agent {
              id
              login
              name
            }

            fragment TicketFields on Ticket {
              id
              number
              title
              queue {
                id
                path
              }
              state {
                id
                name
                type
              }
              priority {
                id
                name
                rank
              }
              type {
                id
                name
              }
              owner {
                ...AgentFields
              }
              responsible {
                ...AgentFields
              }
              customerUser {
                id
                login
                name
                email
              }
              customer {
                id
                number
                name
              }
              lock {
                holder {
                  ...AgentFields
                }
                since
                expiresAt
              }
              tags
              pendingUntil
              mergedInto {
                id
                number
              }
              viewerCan {
                update
                move
                assign
                lock
                close
                reply
                note
                priority
                merge
              }
              viewerIsWatching
              viewerLastSeenAt
              version
              createdAt
              updatedAt
              closedAt
            }

            fragment TicketPayloadFields on TicketPayload {
              ticket {
                ...TicketFields
              }
              userErrors {
                ...UserErrorFields
              }
              clientMutationId
            }

            fragment UserErrorFields on UserError {
              message
              code
              field
              reason
            }
            """)
        variables: dict[str, object] = {"id": id, "intoId": into_id}
        response = await self.execute(
            query=query, operation_name="TicketMerge", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return TicketMerge.model_validate(data).ticket_merge

    async def ticket_split(
        self, article_id: str, input: TicketCreateInput, **kwargs: Any
    ) -> TicketSplitTicketSplit:
        query = gql("""
            mutation TicketSplit($articleId: ID!, $input: TicketCreateInput!) {
              ticketSplit(articleId: $articleId, input: $input) {
                ticket {
                  ...TicketFields
                }
                source {
                  ...TicketFields
                }
                userErrors {
                  ...UserErrorFields
                }
              }
            }

            fragment AgentFields on Agent {
              id
              login
              name
            }

            fragment TicketFields on Ticket {
              id
              number
              title
              queue {
                id
                path
              }
              state {
                id
                name
                type
              }
              priority {
                id
                name
                rank
              }
              type {
                id
                name
              }
              owner {
                ...AgentFields
              }
              responsible {
                ...AgentFields
              }
              customerUser {
                id
                login
                name
                email
              }
              customer {
                id
                number
                name
              }
              lock {
                holder {
                  ...AgentFields
                }
                since
                expiresAt
              }
              tags
              pendingUntil
              mergedInto {
                id
                number
              }
              viewerCan {
                update
                move
                assign
                lock
                close
                reply
                note
                priority
                merge
              }
              viewerIsWatching
              viewerLastSeenAt
              version
              createdAt
              updatedAt
              closedAt
            }

            fragment UserErrorFields on UserError {
              message
              code
              field
              reason
            }
            """)
        variables: dict[str, object] = {"articleId": article_id, "input": input}
        response = await self.execute(
            query=query, operation_name="TicketSplit", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return TicketSplit.model_validate(data).ticket_split

    async def ticket_tags_add(
        self, id: str, tags: list[str], **kwargs: Any
    ) -> TicketTagsAddTicketTagsAdd:
        query = gql("""
            mutation TicketTagsAdd($id: ID!, $tags: [String!]!) {
              ticketTagsAdd(id: $id, tags: $tags) {
                ...TicketPayloadFields
              }
            }

            fragment AgentFields on Agent {
              id
              login
              name
            }

            fragment TicketFields on Ticket {
              id
              number
              title
              queue {
                id
                path
              }
              state {
                id
                name
                type
              }
              priority {
                id
                name
                rank
              }
              type {
                id
                name
              }
              owner {
                ...AgentFields
              }
              responsible {
                ...AgentFields
              }
              customerUser {
                id
                login
                name
                email
              }
              customer {
                id
                number
                name
              }
              lock {
                holder {
                  ...AgentFields
                }
                since
                expiresAt
              }
              tags
              pendingUntil
              mergedInto {
                id
                number
              }
              viewerCan {
                update
                move
                assign
                lock
                close
                reply
                note
                priority
                merge
              }
              viewerIsWatching
              viewerLastSeenAt
              version
              createdAt
              updatedAt
              closedAt
            }

            fragment TicketPayloadFields on TicketPayload {
              ticket {
                ...TicketFields
              }
              userErrors {
                ...UserErrorFields
              }
              clientMutationId
            }

            fragment UserErrorFields on UserError {
              message
              code
              field
              reason
            }
            """)
        variables: dict[str, object] = {"id": id, "tags": tags}
        response = await self.execute(
            query=query, operation_name="TicketTagsAdd", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return TicketTagsAdd.model_validate(data).ticket_tags_add

    async def ticket_tags_remove(
        self, id: str, tags: list[str], **kwargs: Any
    ) -> TicketTagsRemoveTicketTagsRemove:
        query = gql("""
            mutation TicketTagsRemove($id: ID!, $tags: [String!]!) {
              ticketTagsRemove(id: $id, tags: $tags) {
                ...TicketPayloadFields
              }
            }

            fragment AgentFields on Agent {
              id
              login
              name
            }

            fragment TicketFields on Ticket {
              id
              number
              title
              queue {
                id
                path
              }
              state {
                id
                name
                type
              }
              priority {
                id
                name
                rank
              }
              type {
                id
                name
              }
              owner {
                ...AgentFields
              }
              responsible {
                ...AgentFields
              }
              customerUser {
                id
                login
                name
                email
              }
              customer {
                id
                number
                name
              }
              lock {
                holder {
                  ...AgentFields
                }
                since
                expiresAt
              }
              tags
              pendingUntil
              mergedInto {
                id
                number
              }
              viewerCan {
                update
                move
                assign
                lock
                close
                reply
                note
                priority
                merge
              }
              viewerIsWatching
              viewerLastSeenAt
              version
              createdAt
              updatedAt
              closedAt
            }

            fragment TicketPayloadFields on TicketPayload {
              ticket {
                ...TicketFields
              }
              userErrors {
                ...UserErrorFields
              }
              clientMutationId
            }

            fragment UserErrorFields on UserError {
              message
              code
              field
              reason
            }
            """)
        variables: dict[str, object] = {"id": id, "tags": tags}
        response = await self.execute(
            query=query,
            operation_name="TicketTagsRemove",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return TicketTagsRemove.model_validate(data).ticket_tags_remove

    async def ticket_link_add(
        self, id: str, link: TicketLinkInput, **kwargs: Any
    ) -> TicketLinkAddTicketLinkAdd:
        query = gql("""
            mutation TicketLinkAdd($id: ID!, $link: TicketLinkInput!) {
              ticketLinkAdd(id: $id, link: $link) {
                ...TicketPayloadFields
              }
            }

            fragment AgentFields on Agent {
              id
              login
              name
            }

            fragment TicketFields on Ticket {
              id
              number
              title
              queue {
                id
                path
              }
              state {
                id
                name
                type
              }
              priority {
                id
                name
                rank
              }
              type {
                id
                name
              }
              owner {
                ...AgentFields
              }
              responsible {
                ...AgentFields
              }
              customerUser {
                id
                login
                name
                email
              }
              customer {
                id
                number
                name
              }
              lock {
                holder {
                  ...AgentFields
                }
                since
                expiresAt
              }
              tags
              pendingUntil
              mergedInto {
                id
                number
              }
              viewerCan {
                update
                move
                assign
                lock
                close
                reply
                note
                priority
                merge
              }
              viewerIsWatching
              viewerLastSeenAt
              version
              createdAt
              updatedAt
              closedAt
            }

            fragment TicketPayloadFields on TicketPayload {
              ticket {
                ...TicketFields
              }
              userErrors {
                ...UserErrorFields
              }
              clientMutationId
            }

            fragment UserErrorFields on UserError {
              message
              code
              field
              reason
            }
            """)
        variables: dict[str, object] = {"id": id, "link": link}
        response = await self.execute(
            query=query, operation_name="TicketLinkAdd", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return TicketLinkAdd.model_validate(data).ticket_link_add

    async def ticket_link_remove(
        self, id: str, link: TicketLinkInput, **kwargs: Any
    ) -> TicketLinkRemoveTicketLinkRemove:
        query = gql("""
            mutation TicketLinkRemove($id: ID!, $link: TicketLinkInput!) {
              ticketLinkRemove(id: $id, link: $link) {
                ...TicketPayloadFields
              }
            }

            fragment AgentFields on Agent {
              id
              login
              name
            }

            fragment TicketFields on Ticket {
              id
              number
              title
              queue {
                id
                path
              }
              state {
                id
                name
                type
              }
              priority {
                id
                name
                rank
              }
              type {
                id
                name
              }
              owner {
                ...AgentFields
              }
              responsible {
                ...AgentFields
              }
              customerUser {
                id
                login
                name
                email
              }
              customer {
                id
                number
                name
              }
              lock {
                holder {
                  ...AgentFields
                }
                since
                expiresAt
              }
              tags
              pendingUntil
              mergedInto {
                id
                number
              }
              viewerCan {
                update
                move
                assign
                lock
                close
                reply
                note
                priority
                merge
              }
              viewerIsWatching
              viewerLastSeenAt
              version
              createdAt
              updatedAt
              closedAt
            }

            fragment TicketPayloadFields on TicketPayload {
              ticket {
                ...TicketFields
              }
              userErrors {
                ...UserErrorFields
              }
              clientMutationId
            }

            fragment UserErrorFields on UserError {
              message
              code
              field
              reason
            }
            """)
        variables: dict[str, object] = {"id": id, "link": link}
        response = await self.execute(
            query=query,
            operation_name="TicketLinkRemove",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return TicketLinkRemove.model_validate(data).ticket_link_remove

    async def ticket_watch(self, id: str, **kwargs: Any) -> TicketWatchTicketWatch:
        query = gql("""
            mutation TicketWatch($id: ID!) {
              ticketWatch(id: $id) {
                ...TicketPayloadFields
              }
            }

            fragment AgentFields on Agent {
              id
              login
              name
            }

            fragment TicketFields on Ticket {
              id
              number
              title
              queue {
                id
                path
              }
              state {
                id
                name
                type
              }
              priority {
                id
                name
                rank
              }
              type {
                id
                name
              }
              owner {
                ...AgentFields
              }
              responsible {
                ...AgentFields
              }
              customerUser {
                id
                login
                name
                email
              }
              customer {
                id
                number
                name
              }
              lock {
                holder {
                  ...AgentFields
                }
                since
                expiresAt
              }
              tags
              pendingUntil
              mergedInto {
                id
                number
              }
              viewerCan {
                update
                move
                assign
                lock
                close
                reply
                note
                priority
                merge
              }
              viewerIsWatching
              viewerLastSeenAt
              version
              createdAt
              updatedAt
              closedAt
            }

            fragment TicketPayloadFields on TicketPayload {
              ticket {
                ...TicketFields
              }
              userErrors {
                ...UserErrorFields
              }
              clientMutationId
            }

            fragment UserErrorFields on UserError {
              message
              code
              field
              reason
            }
            """)
        variables: dict[str, object] = {"id": id}
        response = await self.execute(
            query=query, operation_name="TicketWatch", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return TicketWatch.model_validate(data).ticket_watch

    async def ticket_unwatch(
        self, id: str, **kwargs: Any
    ) -> TicketUnwatchTicketUnwatch:
        query = gql("""
            mutation TicketUnwatch($id: ID!) {
              ticketUnwatch(id: $id) {
                ...TicketPayloadFields
              }
            }

            fragment AgentFields on Agent {
              id
              login
              name
            }

            fragment TicketFields on Ticket {
              id
              number
              title
              queue {
                id
                path
              }
              state {
                id
                name
                type
              }
              priority {
                id
                name
                rank
              }
              type {
                id
                name
              }
              owner {
                ...AgentFields
              }
              responsible {
                ...AgentFields
              }
              customerUser {
                id
                login
                name
                email
              }
              customer {
                id
                number
                name
              }
              lock {
                holder {
                  ...AgentFields
                }
                since
                expiresAt
              }
              tags
              pendingUntil
              mergedInto {
                id
                number
              }
              viewerCan {
                update
                move
                assign
                lock
                close
                reply
                note
                priority
                merge
              }
              viewerIsWatching
              viewerLastSeenAt
              version
              createdAt
              updatedAt
              closedAt
            }

            fragment TicketPayloadFields on TicketPayload {
              ticket {
                ...TicketFields
              }
              userErrors {
                ...UserErrorFields
              }
              clientMutationId
            }

            fragment UserErrorFields on UserError {
              message
              code
              field
              reason
            }
            """)
        variables: dict[str, object] = {"id": id}
        response = await self.execute(
            query=query, operation_name="TicketUnwatch", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return TicketUnwatch.model_validate(data).ticket_unwatch

    async def ticket_mark_seen(
        self, id: str, **kwargs: Any
    ) -> TicketMarkSeenTicketMarkSeen:
        query = gql("""
            mutation TicketMarkSeen($id: ID!) {
              ticketMarkSeen(id: $id) {
                ...TicketPayloadFields
              }
            }

            fragment AgentFields on Agent {
              id
              login
              name
            }

            fragment TicketFields on Ticket {
              id
              number
              title
              queue {
                id
                path
              }
              state {
                id
                name
                type
              }
              priority {
                id
                name
                rank
              }
              type {
                id
                name
              }
              owner {
                ...AgentFields
              }
              responsible {
                ...AgentFields
              }
              customerUser {
                id
                login
                name
                email
              }
              customer {
                id
                number
                name
              }
              lock {
                holder {
                  ...AgentFields
                }
                since
                expiresAt
              }
              tags
              pendingUntil
              mergedInto {
                id
                number
              }
              viewerCan {
                update
                move
                assign
                lock
                close
                reply
                note
                priority
                merge
              }
              viewerIsWatching
              viewerLastSeenAt
              version
              createdAt
              updatedAt
              closedAt
            }

            fragment TicketPayloadFields on TicketPayload {
              ticket {
                ...TicketFields
              }
              userErrors {
                ...UserErrorFields
              }
              clientMutationId
            }

            fragment UserErrorFields on UserError {
              message
              code
              field
              reason
            }
            """)
        variables: dict[str, object] = {"id": id}
        response = await self.execute(
            query=query, operation_name="TicketMarkSeen", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return TicketMarkSeen.model_validate(data).ticket_mark_seen

    async def article_create(
        self,
        ticket_id: str,
        input: ArticleInput,
        state_id: Union[Optional[str], UnsetType] = UNSET,
        client_mutation_id: Union[Optional[str], UnsetType] = UNSET,
        **kwargs: Any,
    ) -> ArticleCreateArticleCreate:
        query = gql("""
            mutation ArticleCreate($ticketId: ID!, $input: ArticleInput!, $stateId: ID, $clientMutationId: String) {
              articleCreate(
                ticketId: $ticketId
                input: $input
                stateId: $stateId
                clientMutationId: $clientMutationId
              ) {
                ...ArticlePayloadFields
              }
            }

            fragment ActorFields on Actor {
              kind
              name
            }

            fragment AgentFields on Agent {
              id
              login
              name
            }

            fragment ArticleFields on Article {
              id
              number
              channel
              senderType
              visibleForCustomer
              author {
                ...ActorFields
              }
              from
              to
              cc
              subject
              body
              bodyHtml
              messageId
              inReplyTo {
                id
                number
              }
              attachments {
                ...AttachmentFields
              }
              createdAt
            }

            fragment ArticlePayloadFields on ArticlePayload {
              article {
                ...ArticleFields
              }
              ticket {
                ...TicketFields
              }
              userErrors {
                ...UserErrorFields
              }
              clientMutationId
            }

            fragment AttachmentFields on Attachment {
              id
              filename
              contentType
              size
              sha256
              inline
              downloadUrl
            }

            fragment TicketFields on Ticket {
              id
              number
              title
              queue {
                id
                path
              }
              state {
                id
                name
                type
              }
              priority {
                id
                name
                rank
              }
              type {
                id
                name
              }
              owner {
                ...AgentFields
              }
              responsible {
                ...AgentFields
              }
              customerUser {
                id
                login
                name
                email
              }
              customer {
                id
                number
                name
              }
              lock {
                holder {
                  ...AgentFields
                }
                since
                expiresAt
              }
              tags
              pendingUntil
              mergedInto {
                id
                number
              }
              viewerCan {
                update
                move
                assign
                lock
                close
                reply
                note
                priority
                merge
              }
              viewerIsWatching
              viewerLastSeenAt
              version
              createdAt
              updatedAt
              closedAt
            }

            fragment UserErrorFields on UserError {
              message
              code
              field
              reason
            }
            """)
        variables: dict[str, object] = {
            "ticketId": ticket_id,
            "input": input,
            "stateId": state_id,
            "clientMutationId": client_mutation_id,
        }
        response = await self.execute(
            query=query, operation_name="ArticleCreate", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return ArticleCreate.model_validate(data).article_create

    async def article_forward(
        self,
        id: str,
        to: list[str],
        note: Union[Optional[str], UnsetType] = UNSET,
        **kwargs: Any,
    ) -> ArticleForwardArticleForward:
        query = gql("""
            mutation ArticleForward($id: ID!, $to: [String!]!, $note: String) {
              articleForward(id: $id, to: $to, note: $note) {
                ...ArticlePayloadFields
              }
            }

            fragment ActorFields on Actor {
              kind
              name
            }

            fragment AgentFields on Agent {
              id
              login
              name
            }

            fragment ArticleFields on Article {
              id
              number
              channel
              senderType
              visibleForCustomer
              author {
                ...ActorFields
              }
              from
              to
              cc
              subject
              body
              bodyHtml
              messageId
              inReplyTo {
                id
                number
              }
              attachments {
                ...AttachmentFields
              }
              createdAt
            }

            fragment ArticlePayloadFields on ArticlePayload {
              article {
                ...ArticleFields
              }
              ticket {
                ...TicketFields
              }
              userErrors {
                ...UserErrorFields
              }
              clientMutationId
            }

            fragment AttachmentFields on Attachment {
              id
              filename
              contentType
              size
              sha256
              inline
              downloadUrl
            }

            fragment TicketFields on Ticket {
              id
              number
              title
              queue {
                id
                path
              }
              state {
                id
                name
                type
              }
              priority {
                id
                name
                rank
              }
              type {
                id
                name
              }
              owner {
                ...AgentFields
              }
              responsible {
                ...AgentFields
              }
              customerUser {
                id
                login
                name
                email
              }
              customer {
                id
                number
                name
              }
              lock {
                holder {
                  ...AgentFields
                }
                since
                expiresAt
              }
              tags
              pendingUntil
              mergedInto {
                id
                number
              }
              viewerCan {
                update
                move
                assign
                lock
                close
                reply
                note
                priority
                merge
              }
              viewerIsWatching
              viewerLastSeenAt
              version
              createdAt
              updatedAt
              closedAt
            }

            fragment UserErrorFields on UserError {
              message
              code
              field
              reason
            }
            """)
        variables: dict[str, object] = {"id": id, "to": to, "note": note}
        response = await self.execute(
            query=query, operation_name="ArticleForward", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return ArticleForward.model_validate(data).article_forward

    async def ticket_bulk_update(
        self,
        ids: list[str],
        input: TicketUpdateInput,
        queue_id: Union[Optional[str], UnsetType] = UNSET,
        owner_id: Union[Optional[str], UnsetType] = UNSET,
        article: Union[Optional[ArticleInput], UnsetType] = UNSET,
        **kwargs: Any,
    ) -> TicketBulkUpdateTicketBulkUpdate:
        query = gql("""
            mutation TicketBulkUpdate($ids: [ID!]!, $input: TicketUpdateInput!, $queueId: ID, $ownerId: ID, $article: ArticleInput) {
              ticketBulkUpdate(
                ids: $ids
                input: $input
                queueId: $queueId
                ownerId: $ownerId
                article: $article
              ) {
                items {
                  id
                  ticket {
                    ...TicketFields
                  }
                  userErrors {
                    ...UserErrorFields
                  }
                }
                job {
                  ...JobFields
                }
                userErrors {
                  ...UserErrorFields
                }
              }
            }

            fragment AgentFields on Agent {
              id
              login
              name
            }

            fragment JobFields on Job {
              id
              kind
              state
              progress
              attempts
              createdAt
              finishedAt
              error
              resultUrl
            }

            fragment TicketFields on Ticket {
              id
              number
              title
              queue {
                id
                path
              }
              state {
                id
                name
                type
              }
              priority {
                id
                name
                rank
              }
              type {
                id
                name
              }
              owner {
                ...AgentFields
              }
              responsible {
                ...AgentFields
              }
              customerUser {
                id
                login
                name
                email
              }
              customer {
                id
                number
                name
              }
              lock {
                holder {
                  ...AgentFields
                }
                since
                expiresAt
              }
              tags
              pendingUntil
              mergedInto {
                id
                number
              }
              viewerCan {
                update
                move
                assign
                lock
                close
                reply
                note
                priority
                merge
              }
              viewerIsWatching
              viewerLastSeenAt
              version
              createdAt
              updatedAt
              closedAt
            }

            fragment UserErrorFields on UserError {
              message
              code
              field
              reason
            }
            """)
        variables: dict[str, object] = {
            "ids": ids,
            "input": input,
            "queueId": queue_id,
            "ownerId": owner_id,
            "article": article,
        }
        response = await self.execute(
            query=query,
            operation_name="TicketBulkUpdate",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return TicketBulkUpdate.model_validate(data).ticket_bulk_update
